/*
 * expect: stack-out-of-bounds
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int letter(struct __sk_buff *skb)
{
	char text[8] = {};
	__u32 at = skb->priority & 15;

	text[at] = 'x'; /* refused */
	return text[0];
}

char LICENSE[] SEC("license") = "GPL";
