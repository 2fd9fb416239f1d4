/*
 * expect: gpl-only-call
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char last[16];

SEC("tracepoint/sched/sched_switch")
int on_switch(void *ctx)
{
	bpf_probe_read_kernel(last, sizeof(last), ctx); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "Proprietary";
