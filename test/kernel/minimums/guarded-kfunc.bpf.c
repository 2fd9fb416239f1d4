/*
 * minimum: 5.5
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;

SEC("tp_btf/sched_process_exec")
int hold(void *ctx)
{
	if (bpf_preempt_disable) {
		bpf_preempt_disable();
		bpf_preempt_enable();
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
