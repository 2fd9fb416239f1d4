/*
 * expect: dynptr-in-use
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int twice(struct __sk_buff *skb)
{
	struct bpf_dynptr data;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &data);
	bpf_ringbuf_reserve_dynptr(&events, 16, 0, &data); /* refused */
	bpf_ringbuf_discard_dynptr(&data, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
