/*
 * expect: kernel-memory-read-only
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/task_newtask")
int BPF_PROG(rename, struct task_struct *task, u64 flags)
{
	task->comm[0] = 'x'; /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
