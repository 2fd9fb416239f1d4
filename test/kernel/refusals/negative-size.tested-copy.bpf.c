/*
 * expect: negative-size
 * class: lowering
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct event {
	char path[256];
	char copy[256];
} event;

SEC("tp/syscalls/sys_enter_openat")
int opened(struct trace_event_raw_sys_enter *ctx)
{
	int length = bpf_probe_read_user_str(event.path, sizeof(event.path), (void *)ctx->args[1]);

	if (length < 0 || length > 255)
		return 0;
	bpf_probe_read_kernel(event.copy, length, event.path); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
