/*
 * expect: argument-type
 * class: source
 * on: host, guest 6.1, guest 6.12
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
int lookup(struct xdp_md *ctx)
{
	return bpf_map_lookup_elem(&table, &ctx->rx_queue_index) ? XDP_DROP : XDP_PASS; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
