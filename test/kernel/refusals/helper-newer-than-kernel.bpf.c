/*
 * expect: helper-newer-than-kernel
 * class: environment
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long (*bpf_of_the_future)(void) = (void *)9999;

SEC("xdp")
int ask(struct xdp_md *ctx)
{
	return bpf_of_the_future(); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
