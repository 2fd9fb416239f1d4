/*
 * expect: memory-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u32 a, b;
};

__attribute__((noinline)) int third(struct pair *pair)
{
	return pair ? ((__u32 *)pair)[2] : 0; /* refused */
}

SEC("xdp")
int use(struct xdp_md *ctx)
{
	struct pair pair = {1, 2};

	return third(&pair);
}

char LICENSE[] SEC("license") = "GPL";
