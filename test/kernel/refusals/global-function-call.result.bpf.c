/*
 * expect: global-function-call
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 numbers[4];

__noinline __u64 *at(__u32 index)
{
	return &numbers[index & 3];
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	return (long)at(skb->mark) & 7; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
