/*
 * expect: recursion
 * class: source
 * on: guest 7.3
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int walk(struct __sk_buff *skb, int left)
{
	if (left <= 0)
		return skb->len;
	return (walk(skb, left - 1) ^ 5) + walk(skb, left - 2); /* refused */
}

SEC("tc")
int start(struct __sk_buff *skb)
{
	return walk(skb, skb->mark);
}

char LICENSE[] SEC("license") = "GPL";
