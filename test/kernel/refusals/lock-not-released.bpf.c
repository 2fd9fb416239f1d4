/*
 * expect: lock-not-released
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	struct bpf_spin_lock lock;
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock(&entry->lock); /* story */
	if (entry->count++ > 100)
		return 2;
	bpf_spin_unlock(&entry->lock);
	return 0;
} /* refused */

char LICENSE[] SEC("license") = "GPL";
