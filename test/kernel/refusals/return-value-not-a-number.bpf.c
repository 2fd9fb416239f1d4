/*
 * expect: return-value-not-a-number
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return (long)ctx; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
