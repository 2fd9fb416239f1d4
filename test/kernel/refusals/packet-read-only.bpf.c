/*
 * expect: packet-read-only
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int mark(struct __sk_buff *skb)
{
	char *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (data + 1 > end)
		return 1;
	data[0] = 1; /* refused */
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
