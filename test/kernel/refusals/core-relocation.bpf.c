/*
 * expect: core-relocation
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct___tomorrow {
	int no_such_field;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *previous)
{
	struct task_struct___tomorrow *task = (void *)previous;

	return task->no_such_field; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
