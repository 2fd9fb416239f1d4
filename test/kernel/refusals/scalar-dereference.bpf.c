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
	return name->refcnt.counter; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
