/*
 * expect: scalar-dereference
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unlink, int dfd, struct filename *name)
{
	int users = name->refcnt.counter; /* refused */

	if (users > 1)
		bpf_printk("%d", users);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
