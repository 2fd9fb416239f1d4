/*
 * expect: map-not-created
 * class: environment
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u64);
	__type(value, __u64);
} numbers SEC(".maps");

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 key = 0;

	return bpf_map_lookup_elem(&numbers, &key) ? 1 : 0; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
