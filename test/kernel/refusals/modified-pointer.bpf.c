/*
 * expect: modified-pointer
 * class: lowering
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int either(struct __sk_buff *skb)
{
	__u32 *from = skb->mark ? &skb->cb[0] : &skb->cb[1];

	return *from; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
