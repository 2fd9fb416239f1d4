/*
 * expect: graph-node
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct item {
	u64 number;
};

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	bpf_obj_drop_impl(task, 0); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
