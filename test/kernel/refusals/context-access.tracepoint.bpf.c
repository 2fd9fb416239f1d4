/*
 * expect: context-access
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int beyond(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[12]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
