/*
 * minimum: 6.1
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 last;

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	last = bpf_ktime_get_tai_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
