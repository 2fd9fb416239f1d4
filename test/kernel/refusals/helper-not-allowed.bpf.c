/*
 * expect: helper-not-allowed
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int shrink(struct __sk_buff *skb)
{
	return bpf_xdp_adjust_head((struct xdp_md *)skb, 4); /* refused */
}

char LICENSE[] SEC("license") = "GPL";
