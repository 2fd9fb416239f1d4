/*
 * expect: kfunc-not-allowed
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_dynptr_from_xdp(struct xdp_md *packet, u64 flags, struct bpf_dynptr *data) __ksym;

SEC("tc")
int open(struct __sk_buff *skb)
{
	struct bpf_dynptr data;

	return bpf_dynptr_from_xdp((struct xdp_md *)skb, 0, &data); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
