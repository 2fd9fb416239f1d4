/*
 * expect: unbounded-offset
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int jump(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	long skip = 0;

	if (data + 8 > end)
		return XDP_PASS;
	skip = *(long *)data;
	data += skip; /* refused */
	if (data + 1 > end)
		return XDP_PASS;
	return *data;
}

char LICENSE[] SEC("license") = "GPL";
