/*
 * expect: map-key-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

static long each(void *map, __u64 *key, __u64 *value, void *ctx)
{
	return *key == 7; /* refused */
}

SEC("tc")
int all(struct __sk_buff *skb)
{
	return bpf_for_each_map_elem(&table, each, 0, 0);
}

char LICENSE[] SEC("license") = "GPL";
