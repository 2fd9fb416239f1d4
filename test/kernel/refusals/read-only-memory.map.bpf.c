/*
 * expect: read-only-memory
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
int direct(struct xdp_md *ctx)
{
	*(__u64 *)&table = 1; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
