/*
 * expect: kptr-missing
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

struct kept {
	struct task_struct *task;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct kept);
} tasks SEC(".maps");

SEC("tp_btf/task_newtask")
int BPF_PROG(keep, struct task_struct *task)
{
	u32 key = 0;
	struct kept *kept = bpf_map_lookup_elem(&tasks, &key);
	struct task_struct *held, *old;

	if (!kept)
		return 0;
	held = bpf_task_acquire(task);
	if (!held)
		return 0;
	old = bpf_kptr_xchg(&kept->task, held); /* refused */
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
