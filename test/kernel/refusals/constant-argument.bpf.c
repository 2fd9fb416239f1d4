/*
 * expect: constant-argument
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int tell(struct __sk_buff *skb)
{
	char *event = bpf_ringbuf_reserve(&events, skb->len, 0); /* refused */

	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
