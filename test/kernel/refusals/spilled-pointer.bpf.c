/*
 * expect: spilled-pointer
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int half(struct xdp_md *ctx)
{
	asm volatile("*(u32 *)(r10 - 8) = %0" ::"r"(ctx)); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
