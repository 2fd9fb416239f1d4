/*
 * expect: offset-too-large
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int counts[16];

SEC("tc")
int pick(struct __sk_buff *skb)
{
	__u64 place = skb->len & 4;

	place |= 1UL << 40;
	asm volatile("" : "+r"(place));
	return *(int *)((char *)counts + place); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
