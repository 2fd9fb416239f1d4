/*
 * expect: uninitialised-register
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((naked)) SEC("xdp")
int twice(struct xdp_md *ctx)
{
	asm volatile( /* refused */
		"call 5;"
		     "r0 = *(u32 *)(r1 + 0);"
		     "exit;");
}

char LICENSE[] SEC("license") = "GPL";
