/*
 * minimum: 5.17
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

static long each(__u32 i, void *data)
{
	*(__u64 *)data += i;
	return 0;
}

SEC("xdp")
int sum(struct xdp_md *ctx)
{
	__u64 total = 0;

	bpf_loop(100, each, &total, 0);
	return total ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
