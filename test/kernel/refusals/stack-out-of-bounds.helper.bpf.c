/*
 * expect: stack-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp/sched/sched_switch")
int name(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm + 8, 16); /* refused */
	return comm[8];
}

char LICENSE[] SEC("license") = "GPL";
