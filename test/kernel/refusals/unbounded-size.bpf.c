/*
 * expect: unbounded-size
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, int);
} events SEC(".maps");

char record[64];

SEC("tc")
int tell(struct __sk_buff *skb)
{
	bpf_perf_event_output(skb, &events, BPF_F_CURRENT_CPU, record, skb->len); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
