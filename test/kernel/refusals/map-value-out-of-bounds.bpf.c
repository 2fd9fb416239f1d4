/*
 * expect: map-value-out-of-bounds
 * class: source
 * on: host, guest 6.1, guest 6.12
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct slots {
	__u32 of[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct slots);
} table SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0, slot = ctx->ingress_ifindex & 31;
	struct slots *slots = bpf_map_lookup_elem(&table, &key);

	if (!slots)
		return XDP_PASS;
	slots->of[slot]++; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
