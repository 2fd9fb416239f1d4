/*
 * expect: modified-pointer
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int control(struct __sk_buff *skb)
{
	return skb->cb[skb->priority & 3]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
