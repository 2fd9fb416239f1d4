/*
 * expect: gpl-only-call
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tc")
int count(struct __sk_buff *skb)
{
	bpf_rcu_read_lock(); /* refused */
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "Proprietary";
