/*
 * expect: unbounded-index
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 counts[16];

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 slot = ctx->rx_queue_index;

	counts[slot]++; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
