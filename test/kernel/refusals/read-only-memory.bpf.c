/*
 * expect: read-only-memory
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 buffer__szk) __ksym;

SEC("cgroup_skb/egress")
int zero(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	char buffer[4] = {}, *bytes;

	if (bpf_dynptr_from_skb(skb, 0, &packet))
		return 1;
	bytes = bpf_dynptr_slice(&packet, 0, buffer, sizeof(buffer));
	if (bytes)
		bytes[0] = 0; /* refused */
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
