/*
 * expect: sleeping-call
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long id)
{
	char name[16];

	bpf_copy_from_user(name, sizeof(name), (void *)regs->di); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
