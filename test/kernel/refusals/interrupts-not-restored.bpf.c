/*
 * expect: interrupts-not-restored
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_local_irq_save(unsigned long *flags) __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym;

SEC("tc")
int work(struct __sk_buff *skb)
{
	unsigned long flags;

	bpf_local_irq_save(&flags); /* story */
	if (skb->mark == 7)
		return 0;
	bpf_local_irq_restore(&flags);
	return 0;
} /* refused */

char LICENSE[] SEC("license") = "GPL";
