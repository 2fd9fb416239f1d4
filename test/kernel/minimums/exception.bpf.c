/*
 * minimum: 6.7
 * lacks: bpf_throw
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern void bpf_throw(u64 cookie) __ksym;

SEC("tc")
int give_up(struct __sk_buff *skb)
{
	if (skb->len > 9000)
		bpf_throw(0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
