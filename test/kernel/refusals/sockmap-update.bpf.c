/*
 * expect: sockmap-update
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} sockets SEC(".maps");

SEC("tp_btf/sched_switch")
int BPF_PROG(forget)
{
	u32 key = 0;

	bpf_map_delete_elem(&sockets, &key); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
