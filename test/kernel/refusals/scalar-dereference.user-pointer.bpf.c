/*
 * expect: scalar-dereference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp/syscalls/sys_enter_openat")
int opened(struct trace_event_raw_sys_enter *ctx)
{
	const char *path = (const char *)ctx->args[1]; /* story */

	return path[0] == '/'; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
