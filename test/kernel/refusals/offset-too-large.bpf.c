/*
 * expect: offset-too-large
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int jump(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	data += 1UL << 30; /* refused */
	asm volatile("" : "+r"(data));
	if (data + 1 > end)
		return XDP_PASS;
	return *data;
}

char LICENSE[] SEC("license") = "GPL";
