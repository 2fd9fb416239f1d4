/*
 * expect: map-value-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct slots {
	__u32 of[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("tc")
int previous(struct __sk_buff *skb)
{
	__u32 key = 0;
	long slot = skb->priority & 7;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (!slots)
		return 0;
	slot -= 4;
	return slots->of[slot]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
