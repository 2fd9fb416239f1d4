/*
 * expect: helper-not-at-hook
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old, struct linux_binprm *binary)
{
	char path[64];

	bpf_d_path(&binary->file->f_path, path, sizeof(path)); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
