/*
 * expect: callback-return
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

static long turn(u32 index, void *data)
{
	return index > 4 ? 2 : 0; /* refused */
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(10, turn, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
