/*
 * expect: uninitialised-register
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __u64 (*now)(void) = (void *)BPF_FUNC_ktime_get_ns;
static long (*lookup)(void *map) = (void *)BPF_FUNC_map_delete_elem;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("xdp")
int forget(struct xdp_md *ctx)
{
	now();
	lookup(&table); /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
