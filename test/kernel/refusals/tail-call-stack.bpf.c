/*
 * expect: tail-call-stack
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} steps SEC(".maps");

static __noinline int next(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &steps, 1);
	return 0;
}

SEC("tc")
int first(struct __sk_buff *skb) /* refused */
{
	char room[300];

	bpf_skb_load_bytes(skb, 0, room, sizeof(room));
	return next(skb) + room[skb->len & 255];
}

char LICENSE[] SEC("license") = "GPL";
