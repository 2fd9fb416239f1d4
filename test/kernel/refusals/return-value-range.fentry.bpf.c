/*
 * expect: return-value-range
 * class: source
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry/do_unlinkat")
int BPF_PROG(unlink, int dfd, struct filename *name) /* refused */
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
