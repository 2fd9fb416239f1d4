/*
 * expect: attach-target-refused
 * class: environment
 * on: guest
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fmod_ret/vfs_read")
int BPF_PROG(change) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
