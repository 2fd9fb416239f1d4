/*
 * expect: release-without-reference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	bpf_task_release(task); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
