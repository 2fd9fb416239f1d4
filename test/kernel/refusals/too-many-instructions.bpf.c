/*
 * expect: too-many-instructions
 * class: limit
 * on: guest
 * hazard: a million instructions take the kernel's time
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 numbers[256];

SEC("tc")
int mix(struct __sk_buff *skb) /* refused */
{
	__u64 sum = skb->mark;

	for (int i = 0; i < 400000; i++) sum = sum * 31 + numbers[sum & 255];
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
