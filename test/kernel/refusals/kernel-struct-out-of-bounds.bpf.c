/*
 * expect: kernel-struct-out-of-bounds
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/task_newtask")
int BPF_PROG(beyond, struct task_struct *task, u64 flags)
{
	int behind = ((int *)(task + 1))[0]; /* refused */

	if (behind > 1)
		bpf_printk("%d", behind);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
