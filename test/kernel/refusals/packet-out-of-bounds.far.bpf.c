/*
 * expect: packet-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int port_of(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 at = ctx->rx_queue_index;

	if (data + at + 2 > end)
		return XDP_PASS;
	return *(char *)(data + at); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
