/*
 * expect: pointer-operator
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int low(struct xdp_md *ctx)
{
	unsigned long data = ctx->data;

	return data & 7 ? XDP_DROP : XDP_PASS; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
