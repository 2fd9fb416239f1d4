/*
 * expect: atomic-target
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&ctx->rx_queue_index, 1); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
