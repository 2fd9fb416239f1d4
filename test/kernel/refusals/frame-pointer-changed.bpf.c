/*
 * expect: frame-pointer-changed
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	asm volatile("r10 += -8" ::: "r10"); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
