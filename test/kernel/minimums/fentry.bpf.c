/*
 * minimum: 5.5
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 exits;

SEC("fentry/do_exit")
int BPF_PROG(count, long code)
{
	exits++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
