/*
 * expect: preemption-not-enabled
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;

SEC("tc")
int work(struct __sk_buff *skb)
{
	bpf_preempt_disable(); /* story */
	if (skb->mark == 7)
		return 0;
	bpf_preempt_enable();
	return 0;
} /* refused */

char LICENSE[] SEC("license") = "GPL";
