/*
 * expect: missing-exit
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int pick(struct __sk_buff *skb)
{
	if (skb->mark == 7) /* refused */
		return 1;
	asm volatile("r0 = 2");
	__builtin_unreachable();
}

char LICENSE[] SEC("license") = "GPL";
