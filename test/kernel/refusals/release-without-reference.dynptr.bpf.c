/*
 * expect: release-without-reference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u64);
} values SEC(".maps");

SEC("tc")
int submit(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	u32 key = 0;
	u64 *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return 0;
	bpf_dynptr_from_mem(value, sizeof(*value), 0, &data);
	bpf_ringbuf_submit_dynptr(&data, 0); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
