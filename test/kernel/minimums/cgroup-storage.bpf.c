/*
 * minimum: 6.2
 * lacks: map
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} marks SEC(".maps");

SEC("tp_btf/sched_process_exec")
int mark(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	bpf_cgrp_storage_get(&marks, task->cgroups->dfl_cgrp, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
