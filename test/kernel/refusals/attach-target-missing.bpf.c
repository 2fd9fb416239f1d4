/*
 * expect: attach-target-missing
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/no_such_tracepoint")
int BPF_PROG(on_nothing) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
