/*
 * expect: struct-ops-member
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/get_info")
size_t BPF_PROG(tell, struct sock *sk, u32 ext, int *attr) /* refused */
{
	return 0;
}

SEC(".struct_ops")
struct tcp_congestion_ops mine = {
	.get_info = (void *)tell,
	.name = "hookpoint_mine",
};

char LICENSE[] SEC("license") = "GPL";
