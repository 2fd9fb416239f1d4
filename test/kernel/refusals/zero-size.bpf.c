/*
 * expect: zero-size
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int copy(struct __sk_buff *skb)
{
	char text[64];
	__u32 length = skb->len & 63;

	bpf_skb_load_bytes(skb, 0, text, length); /* refused */
	return text[0];
}

char LICENSE[] SEC("license") = "GPL";
