/*
 * expect: stack-uninitialised
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int tell(struct __sk_buff *skb)
{
	struct bpf_dynptr record;
	long size;

	bpf_ringbuf_reserve_dynptr(&events, 64, 0, &record);
	size = *(volatile long *)&record; /* refused */
	bpf_ringbuf_discard_dynptr(&record, 0);
	return size;
}

char LICENSE[] SEC("license") = "GPL";
