/*
 * minimum: 6.19
 * lacks: map
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* The running kernel's types need not have it yet. */
#define BPF_F_RB_OVERWRITE (1U << 19)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_RB_OVERWRITE);
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int record(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_output(&events, &now, sizeof(now), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
