/*
 * minimum: 4.1
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u64);
	__type(value, __u64);
	__uint(max_entries, 16);
} seen SEC(".maps");

SEC("kprobe/do_exit")
int look(struct pt_regs *ctx)
{
	__u64 stack = 0, one = 1;

	bpf_probe_read_kernel(&stack, sizeof(stack), (void *)PT_REGS_SP(ctx));
	bpf_map_update_elem(&seen, &stack, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
