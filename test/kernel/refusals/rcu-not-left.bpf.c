/*
 * expect: rcu-not-left
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tc")
int look(struct __sk_buff *skb)
{
	bpf_rcu_read_lock(); /* story */
	if (skb->mark == 7)
		return 0;
	bpf_rcu_read_unlock();
	return 0;
} /* refused */

char LICENSE[] SEC("license") = "GPL";
