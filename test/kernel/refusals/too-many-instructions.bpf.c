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
int mix(struct __sk_buff *skb)
{
	__u64 sum = 0;

	for (int i = 0; i < 60000; i++) { /* refused */
		sum = sum * 31 + numbers[sum & 255];
		if (sum & 1)
			sum ^= numbers[(sum >> 8) & 255];
	}
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
