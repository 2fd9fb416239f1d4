/*
 * expect: stack-too-large
 * class: limit
 * program: outer
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int inner(struct __sk_buff *skb)
{
	char text[304];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->len & 7];
}

SEC("tc")
int outer(struct __sk_buff *skb) /* refused */
{
	char text[304];

	bpf_skb_load_bytes(skb, 0, text, sizeof(text));
	return text[skb->mark & 7] + inner(skb);
}

char LICENSE[] SEC("license") = "GPL";
