/*
 * minimum: 5.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 tickets;

SEC("tp/sched/sched_process_exec")
int draw(void *ctx)
{
	return __sync_fetch_and_add(&tickets, 1) % 2;
}

char LICENSE[] SEC("license") = "GPL";
