/*
 * minimum: 6.4
 * lacks: bpf_dynptr_from_xdp
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit) __ksym;

SEC("xdp")
int look(struct xdp_md *ctx)
{
	struct bpf_dynptr packet;
	__u8 first;

	bpf_dynptr_from_xdp(ctx, 0, &packet);
	bpf_dynptr_read(&first, sizeof(first), &packet, 0, 0);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
