/*
 * minimum: 6.10
 * lacks: bpf_preempt_disable
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

SEC("tp_btf/sched_process_exec")
int hold(void *ctx)
{
	bpf_preempt_disable();
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
