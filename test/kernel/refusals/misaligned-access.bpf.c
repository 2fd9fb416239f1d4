/*
 * expect: misaligned-access
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct slots {
	char head;
	__u64 count;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (slots)
		__sync_fetch_and_add(&slots->count, 1); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
