/*
 * expect: pointer-arithmetic
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int shorter(struct xdp_md *ctx)
{
	char *end = (void *)(long)ctx->data_end, *data = (void *)(long)ctx->data;
	char *last = end - 1; /* refused */

	asm volatile("" : "+r"(last));
	if (last < data)
		return XDP_PASS;
	return *last;
}

char LICENSE[] SEC("license") = "GPL";
