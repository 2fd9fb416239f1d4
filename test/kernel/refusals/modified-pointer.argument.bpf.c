/*
 * expect: modified-pointer
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int change(struct __sk_buff *skb)
{
	void *from = skb;

	asm volatile("%0 += 8" : "+r"(from));
	bpf_skb_change_type(from, 0); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
