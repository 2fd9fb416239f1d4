/*
 * expect: wrong-unlock
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
int add(struct __sk_buff *skb)
{
	__u32 first = 0, second = 1;
	struct entry *one = bpf_map_lookup_elem(&entries, &first);
	struct entry *other = bpf_map_lookup_elem(&entries, &second);

	if (!one || !other)
		return 0;
	bpf_spin_lock(&one->lock); /* story */
	one->sum++;
	bpf_spin_unlock(&other->lock); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
