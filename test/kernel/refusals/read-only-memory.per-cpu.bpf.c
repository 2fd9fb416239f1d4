/*
 * expect: read-only-memory
 * class: source
 * on: guest 6.1, guest 6.12
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern const int bpf_prog_active __ksym;

SEC("raw_tp/sched_switch")
int quiet(void *ctx)
{
	int *active = (int *)bpf_this_cpu_ptr(&bpf_prog_active); /* story */

	*active = 0; /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
