/*
 * expect: map-access-forbidden
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int wanted = 1;

SEC("xdp")
int forget(struct xdp_md *ctx)
{
	*(volatile int *)&wanted = 0; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
