/*
 * expect: flow-keys-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("flow_dissector")
int dissect(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;

	((char *)keys)[sizeof(*keys)] = 1; /* refused */
	return BPF_OK;
}

char LICENSE[] SEC("license") = "GPL";
