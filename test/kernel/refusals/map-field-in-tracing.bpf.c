/*
 * expect: map-field-in-tracing
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct entry {
	struct bpf_spin_lock lock;
	u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx) /* refused */
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (entry)
		entry->count++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
