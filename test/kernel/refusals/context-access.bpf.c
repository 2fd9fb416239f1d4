/*
 * expect: context-access
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int steer(struct xdp_md *ctx)
{
	ctx->rx_queue_index = 0; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
