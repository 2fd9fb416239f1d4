/*
 * expect: result-may-be-null
 * class: source
 * on: host, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
void bpf_task_release(struct task_struct *p) __ksym;

SEC("tp_btf/task_newtask")
int BPF_PROG(release, struct task_struct *task, u64 flags)
{
	struct task_struct *one = bpf_task_from_pid(1); /* story */

	bpf_task_release(one); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
