/*
 * expect: foreign-memory
 * class: source
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern const struct kernel_cpustat kernel_cpustat __ksym;

SEC("raw_tp/sched_switch")
int idle(void *ctx)
{
	return kernel_cpustat.cpustat[0]; /* refused */
}

char LICENSE[] SEC("license") = "GPL";
