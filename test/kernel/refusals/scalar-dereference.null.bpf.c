/*
 * expect: scalar-dereference
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

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	volatile __u64 *value = bpf_map_lookup_elem(&table, &key);

	if (!value)
		*value += 1; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
