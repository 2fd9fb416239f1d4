/*
 * expect: helper-for-trampolines
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

unsigned long where;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch)
{
	where = bpf_get_func_ip(ctx); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
