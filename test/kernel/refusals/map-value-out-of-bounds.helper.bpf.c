/*
 * expect: map-value-out-of-bounds
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, char[8]);
} names SEC(".maps");

SEC("tp/sched/sched_switch")
int name(void *ctx)
{
	__u32 key = 0;
	char *comm = bpf_map_lookup_elem(&names, &key);

	if (comm)
		bpf_get_current_comm(comm, 16); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
