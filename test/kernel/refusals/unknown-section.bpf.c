/*
 * expect: unknown-section
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("my-filter")
int filter(struct __sk_buff *skb)
{
	return 0; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
