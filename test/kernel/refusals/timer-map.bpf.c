/*
 * expect: timer-map
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct entry {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct entry);
} mine SEC(".maps"), other SEC(".maps");

SEC("tc")
int start(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&mine, &key);

	if (entry)
		bpf_timer_init(&entry->timer, &other, 1); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
