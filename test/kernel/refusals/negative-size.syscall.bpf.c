/*
 * expect: negative-size
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char path[256];

SEC("tp/syscalls/sys_enter_write")
int written(struct trace_event_raw_sys_enter *ctx)
{
	long length = ctx->args[2]; /* story */

	if (length > 256)
		length = 256;
	bpf_probe_read_user(path, length, (void *)ctx->args[1]); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
