/*
 * expect: impossible-arithmetic
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	long value = ctx->rx_queue_index;

	asm volatile("%0 /= 0" : "+r"(value)); /* refused */
	return value;
}

char LICENSE[] SEC("license") = "GPL";
