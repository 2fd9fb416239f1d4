/*
 * The compiler tests the lower half of what it passes whole; the same with 64 bits is accepted.
 *
 * expect: negative-size
 * class: lowering
 * flags: -mcpu=v3
 * program: narrow
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char path[256];

SEC("tp/syscalls/sys_enter_write")
int narrow(struct trace_event_raw_sys_enter *ctx)
{
	__u32 length = ctx->args[2]; /* story */

	if (length > 256)
		return 0;
	bpf_probe_read_user(path, length, (void *)ctx->args[1]); /* refused */
	return 0;
}

SEC("tp/syscalls/sys_enter_write")
int wide(struct trace_event_raw_sys_enter *ctx)
{
	__u64 length = ctx->args[2];

	if (length > 256)
		return 0;
	bpf_probe_read_user(path, length, (void *)ctx->args[1]);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
