/*
 * expect: kfunc-not-found
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_kernel_of_tomorrow(int what) __ksym;

SEC("tc")
int ask(struct __sk_buff *skb)
{
	return bpf_kernel_of_tomorrow(skb->len); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
