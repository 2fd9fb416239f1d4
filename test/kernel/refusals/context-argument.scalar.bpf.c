/*
 * expect: context-argument
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp_btf/task_newtask")
int half(u32 *ctx)
{
	return ctx[3]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
