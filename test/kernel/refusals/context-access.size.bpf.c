/*
 * expect: context-access
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int mark(struct __sk_buff *skb)
{
	skb->mark = 1;
	return *(__u64 *)&skb->mark; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
