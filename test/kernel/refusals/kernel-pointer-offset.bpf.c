/*
 * expect: kernel-pointer-offset
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/task_newtask")
int BPF_PROG(letter, struct task_struct *task, u64 flags)
{
	return task->comm[flags & 7]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
