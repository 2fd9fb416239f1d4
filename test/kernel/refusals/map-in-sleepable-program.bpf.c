/*
 * expect: map-in-sleepable-program
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} groups SEC(".maps");

SEC("uprobe.s")
int on_call(struct pt_regs *ctx)
{
	return bpf_current_task_under_cgroup(&groups, 0); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
