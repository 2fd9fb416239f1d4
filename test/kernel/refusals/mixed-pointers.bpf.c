/*
 * expect: mixed-pointers
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int either(struct __sk_buff *skb)
{
	long number = 0;
	void *from = skb->mark ? (void *)skb : (void *)&number;

	asm volatile("" : "+r"(from));
	return *(int *)from; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
