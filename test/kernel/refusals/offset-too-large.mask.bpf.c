/*
 * expect: offset-too-large
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int align(struct xdp_md *ctx)
{
	unsigned long data = ctx->data, end = ctx->data_end;
	char *start = (char *)(data & ~7UL); /* refused */

	if (start + 1 > (char *)end)
		return XDP_PASS;
	return *start;
}

char LICENSE[] SEC("license") = "GPL";
