/*
 * expect: kfunc-memory
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, u64 flags, struct bpf_dynptr *data) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *data, u32 offset, void *buffer, u32 size) __ksym;

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char room[16];
	char *slice;

	bpf_dynptr_from_skb(skb, 0, &data);
	slice = bpf_dynptr_slice(&data, 0, room, 64); /* refused */
	return slice ? slice[0] : 0;
}

char LICENSE[] SEC("license") = "GPL";
