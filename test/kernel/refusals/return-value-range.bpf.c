/*
 * expect: return-value-range
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup/connect4")
int allow(struct bpf_sock_addr *ctx)
{
	return 5; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
