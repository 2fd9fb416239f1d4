/*
 * expect: unreleased-reference
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} steps SEC(".maps");

SEC("tc")
int lookup(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *socket;

	socket = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0); /* story */
	if (!socket)
		return 0;
	bpf_tail_call(skb, &steps, 1); /* refused */
	bpf_sk_release(socket);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
