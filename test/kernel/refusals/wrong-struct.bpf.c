/*
 * expect: wrong-struct
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} seen SEC(".maps");

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, pid_t old, struct linux_binprm *program)
{
	bpf_task_storage_get(&seen, (void *)program, 0, BPF_LOCAL_STORAGE_GET_F_CREATE); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
