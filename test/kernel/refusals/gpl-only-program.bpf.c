/*
 * expect: gpl-only-program
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/undo")
u32 BPF_PROG(undo, struct sock *sk) /* refused */
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.undo_cwnd = (void *)undo,
	.name = "hookpoint_mine",
};

char LICENSE[] SEC("license") = "Proprietary";
