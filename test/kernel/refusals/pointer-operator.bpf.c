/*
 * expect: pointer-operator
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int middle(struct xdp_md *ctx)
{
	unsigned long data = ctx->data, end = ctx->data_end;

	return (data + end) / 2 > 100 ? XDP_DROP : XDP_PASS; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
