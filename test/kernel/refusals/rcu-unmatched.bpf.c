/*
 * expect: rcu-unmatched
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tc")
int look(struct __sk_buff *skb)
{
	bpf_rcu_read_unlock(); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
