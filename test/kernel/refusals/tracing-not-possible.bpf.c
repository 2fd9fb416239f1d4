/*
 * expect: tracing-not-possible
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry/vfs_read")
int BPF_PROG(on_read) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
