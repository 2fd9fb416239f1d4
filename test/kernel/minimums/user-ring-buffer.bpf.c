/*
 * minimum: 6.1
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

static long take(struct bpf_dynptr *order, void *context)
{
	return 0;
}

SEC("tp/syscalls/sys_enter_getpgid")
int drain(void *ctx)
{
	bpf_user_ringbuf_drain(&orders, take, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
