/*
 * expect: misaligned-access
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int count(struct xdp_md *ctx)
{
	char raw[32] = {};
	__u64 *number = (__u64 *)(raw + 1);

	asm volatile("" : "+r"(number));
	*number = 1; /* refused */
	return raw[2];
}

char LICENSE[] SEC("license") = "GPL";
