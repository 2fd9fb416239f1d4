/*
 * expect: unreachable-code
 * class: lowering
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int jump(struct __sk_buff *skb)
{
	int result;

	asm volatile("%0 = 0\n" /* refused */
		     "goto +1\n"
		     "%0 = 1\n"
		     : "=r"(result));
	return result;
}

char LICENSE[] SEC("license") = "GPL";
