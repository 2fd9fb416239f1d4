/*
 * expect: dynptr-place
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tc")
int stack(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char room[16] = {};

	bpf_dynptr_from_mem(room, sizeof(room), 0, &data); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
