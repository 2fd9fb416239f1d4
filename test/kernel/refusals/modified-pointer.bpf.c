/*
 * The compiler joins two right accesses into one; kept apart they are accepted.
 *
 * expect: modified-pointer
 * class: lowering
 * on: host, guest 6.1, guest 6.12
 * program: joined
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int joined(struct __sk_buff *skb)
{
	return skb->mark ? skb->cb[0] : skb->cb[1]; /* refused */
}

SEC("tc")
int apart(struct __sk_buff *skb)
{
	__u32 value;

	if (skb->mark) {
		value = skb->cb[0];
		asm volatile("" : "+r"(value));
	} else {
		value = skb->cb[1];
	}
	return value;
}

char LICENSE[] SEC("license") = "GPL";
