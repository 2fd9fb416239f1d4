/*
 * expect: pointer-subtraction
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int distance(struct xdp_md *ctx)
{
	long data = ctx->data, total = ctx->rx_queue_index;

	total -= data; /* refused */
	return total > 100 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
