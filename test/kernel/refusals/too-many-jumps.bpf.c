/*
 * expect: too-many-jumps
 * class: limit
 * on: guest
 * hazard: thousands of branches at once, which some kernels do not survive
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 numbers[256];

SEC("tc")
int mix(struct __sk_buff *skb)
{
	__u64 sum = skb->mark;

	for (int i = 0; i < 60000; i++) sum = sum * 31 + (numbers[sum & 255] & 1 ? numbers[i & 255] : numbers[7]); /* refused */
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
