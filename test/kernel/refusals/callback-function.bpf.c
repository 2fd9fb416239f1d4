/*
 * expect: callback-function
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__noinline long turn(u32 index, u64 *data)
{
	return 0;
}

SEC("tc")
int run(struct __sk_buff *skb)
{
	bpf_loop(10, turn, NULL, 0); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
