/*
 * expect: stack-variable-offset
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int letter(struct __sk_buff *skb)
{
	char text[8] = {};

	text[skb->priority] = 'x'; /* refused */
	return text[0];
}

char LICENSE[] SEC("license") = "GPL";
