/*
 * expect: modified-context
 * class: lowering
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int control(struct __sk_buff *skb)
{
	__u32 *slot = skb->cb;

	asm volatile("" : "+r"(slot));
	return slot[1]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
