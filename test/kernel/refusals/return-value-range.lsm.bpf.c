/*
 * expect: return-value-range
 * class: source
 * on: guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("lsm/file_open")
int BPF_PROG(opened, struct file *file) /* refused */
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
