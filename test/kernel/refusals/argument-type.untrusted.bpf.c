/*
 * expect: argument-type
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

extern void *bpf_rdonly_cast(const void *obj__ign, u32 btf_id__k) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} seen SEC(".maps");

SEC("raw_tp/task_newtask")
int start(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task;

	task = bpf_rdonly_cast((void *)ctx->args[0], bpf_core_type_id_kernel(struct task_struct)); /* story */
	bpf_task_storage_get(&seen, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
