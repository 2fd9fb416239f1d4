/*
 * expect: unusable-pointer
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int end(struct xdp_md *ctx)
{
	char *end = (void *)(long)ctx->data_end;

	return *end; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
