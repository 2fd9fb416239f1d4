/*
 * minimum: 5.8
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp/sched/sched_process_exec")
int record(void *ctx)
{
	__u64 *now = bpf_ringbuf_reserve(&events, sizeof(*now), 0);

	if (!now)
		return 0;
	*now = bpf_ktime_get_ns();
	bpf_ringbuf_submit(now, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
