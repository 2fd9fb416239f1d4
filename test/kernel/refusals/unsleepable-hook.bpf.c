/*
 * expect: unsleepable-hook
 * class: source
 * on: guest
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry.s/vfs_read")
int BPF_PROG(on_read) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
