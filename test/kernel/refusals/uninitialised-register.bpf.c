/*
 * expect: uninitialised-register
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	int verdict;

	asm volatile("%0 = r3" : "=r"(verdict)); /* refused */
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
