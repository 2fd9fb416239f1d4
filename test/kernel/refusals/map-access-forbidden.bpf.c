/*
 * expect: map-access-forbidden
 * class: source
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} limits SEC(".maps");

SEC("xdp")
int lower(struct xdp_md *ctx)
{
	__u32 key = 1;
	__u64 *limit = bpf_map_lookup_elem(&limits, &key);

	if (limit)
		*limit -= 1; /* refused */
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
