/*
 * expect: uninitialised-register
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((naked)) SEC("xdp")
int pass(struct xdp_md *ctx)
{
	asm volatile( /* refused */
		"r1 = 2;"
		     "exit;");
}

char LICENSE[] SEC("license") = "GPL";
