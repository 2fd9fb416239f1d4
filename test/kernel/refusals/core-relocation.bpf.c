/*
 * expect: core-relocation
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct___tomorrow {
	int no_such_field;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch")
int on_switch(u64 *ctx)
{
	struct task_struct___tomorrow *task = (void *)ctx[1];

	return task->no_such_field; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
