/*
 * expect: extension-mismatch
 * class: source
 * program: other_type
 * target: itself
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int decide(struct xdp_md *ctx, int length)
{
	asm volatile("");
	return length > 100 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	return decide(ctx, ctx->data_end - ctx->data);
}

SEC("freplace/decide")
int other_type(struct xdp_md *ctx, struct xdp_md *again)
{
	return XDP_DROP; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
