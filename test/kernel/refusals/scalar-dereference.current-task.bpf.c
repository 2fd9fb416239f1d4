/*
 * expect: scalar-dereference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_switch")
int on_switch(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task(); /* story */

	return task->pid; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
