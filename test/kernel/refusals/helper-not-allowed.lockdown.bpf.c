/*
 * expect: helper-not-allowed
 * class: environment
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_nanosleep")
int BPF_KPROBE(on_sleep)
{
	bpf_override_return(ctx, -12); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
