/*
 * expect: narrow-pointer-arithmetic
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int length(struct xdp_md *ctx)
{
	__u32 length;

	asm volatile("r1 = %1; w1 += 4; %0 = r1" : "=r"(length) : "r"(ctx) : "r1"); /* refused */
	return length;
}

char LICENSE[] SEC("license") = "GPL";
