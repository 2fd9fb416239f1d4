/*
 * expect: dynptr-uninitialised
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr data;
	char byte = 0;

	bpf_dynptr_read(&byte, 1, &data, 0, 0); /* refused */
	return byte;
}

char LICENSE[] SEC("license") = "GPL";
