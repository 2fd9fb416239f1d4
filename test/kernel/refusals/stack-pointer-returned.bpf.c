/*
 * expect: stack-pointer-returned
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) long *slot(long *unused)
{
	long here = 1;

	asm volatile("" : : "r"(&here) : "memory");
	return &here; /* refused */
}

SEC("xdp")
int use(struct xdp_md *ctx)
{
	return *slot(0);
}

char LICENSE[] SEC("license") = "GPL";
