/*
 * expect: context-argument
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tp_btf/task_newtask")
int fourth(u64 *ctx)
{
	return ctx[4]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
