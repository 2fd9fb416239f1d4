/*
 * expect: packet-not-for-helper
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("xdp")
int tell(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (data + 16 <= end)
		bpf_ringbuf_output(&events, data, 16, 0); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
