/*
 * expect: malformed-section
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry")
int BPF_PROG(on_something) /* refused */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
