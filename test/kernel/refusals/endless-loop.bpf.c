/*
 * expect: endless-loop
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int wait(struct __sk_buff *skb)
{
	while (skb->mark != 7) /* refused */
		;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
