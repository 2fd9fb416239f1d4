/*
 * expect: call-under-lock
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct entry {
	struct bpf_spin_lock lock;
	__u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int move(struct __sk_buff *skb)
{
	__u32 first = 0, second = 1;
	struct entry *from = bpf_map_lookup_elem(&entries, &first);
	struct entry *to = bpf_map_lookup_elem(&entries, &second);

	if (!from || !to)
		return 0;
	bpf_spin_lock(&from->lock); /* story */
	bpf_spin_lock(&to->lock); /* refused */
	to->sum += from->sum;
	bpf_spin_unlock(&to->lock);
	bpf_spin_unlock(&from->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
