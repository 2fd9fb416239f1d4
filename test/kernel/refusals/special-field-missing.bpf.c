/*
 * expect: special-field-missing
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	bpf_spin_lock((struct bpf_spin_lock *)entry); /* refused */
	entry->sum++;
	bpf_spin_unlock((struct bpf_spin_lock *)entry);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
