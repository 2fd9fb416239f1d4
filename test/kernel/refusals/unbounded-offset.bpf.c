/*
 * expect: unbounded-offset
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int counts[16];

SEC("tc")
int count(struct __sk_buff *skb)
{
	int slot = skb->priority;

	if (slot > 15)
		return 0;
	counts[slot]++; /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
