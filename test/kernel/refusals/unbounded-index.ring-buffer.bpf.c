/*
 * expect: unbounded-index
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
	__u32 at = skb->priority; /* story */
	char *event = bpf_ringbuf_reserve(&events, 64, 0);

	if (!event)
		return 0;
	event[at] = 1; /* refused */
	bpf_ringbuf_submit(event, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
