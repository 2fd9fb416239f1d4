/*
 * expect: result-may-be-null
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps"), second SEC(".maps");

SEC("xdp")
int follow(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *next = bpf_map_lookup_elem(&first, &key); /* story */

	return bpf_map_lookup_elem(&second, next) ? XDP_DROP : XDP_PASS; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
