/*
 * expect: result-may-be-null
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int family(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	return sk->family; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
