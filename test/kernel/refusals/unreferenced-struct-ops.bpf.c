/*
 * expect: unreferenced-struct-ops
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/on_ack")
int BPF_PROG(on_ack, struct sock *sk) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
