/*
 * expect: scalar-dereference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("raw_tp/sched_switch")
int on_switch(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *next = (void *)ctx->args[2]; /* story */

	return next->pid; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
