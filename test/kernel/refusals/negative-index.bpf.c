/*
 * expect: negative-index
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct letters {
	char of[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct letters);
} table SEC(".maps");

SEC("tc")
int previous(struct __sk_buff *skb)
{
	__u32 key = 0;
	long slot = (long)(skb->priority & 7) - 4; /* story */
	struct letters *letters = bpf_map_lookup_elem(&table, &key);

	asm volatile("" : "+r"(slot));
	if (!letters)
		return 0;
	return letters->of[slot]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
