/*
 * expect: result-may-be-null
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u32 a, b;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

SEC("xdp")
int second(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct pair *pair = bpf_map_lookup_elem(&pairs, &key); /* story */
	__u32 *b = &pair->b; /* refused */

	asm volatile("" : "+r"(b));
	return pair ? *b : 0;
}

char LICENSE[] SEC("license") = "GPL";
