/*
 * expect: kernel-memory-read-only
 * class: source
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry/do_unlinkat")
int BPF_PROG(unlink, int dfd, struct filename *name)
{
	name->uptr = 0; /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
