/*
 * expect: second-lock
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int bpf_res_spin_lock(struct bpf_res_spin_lock *lock) __ksym;
extern void bpf_res_spin_unlock(struct bpf_res_spin_lock *lock) __ksym;

struct entry {
	struct bpf_res_spin_lock lock;
	u64 sum;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct entry);
} entries SEC(".maps");

SEC("tc")
int add(struct __sk_buff *skb)
{
	u32 key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (!entry)
		return 0;
	if (bpf_res_spin_lock(&entry->lock)) /* story */
		return 0;
	if (bpf_res_spin_lock(&entry->lock)) { /* refused */
		bpf_res_spin_unlock(&entry->lock);
		return 0;
	}
	entry->sum++;
	bpf_res_spin_unlock(&entry->lock);
	bpf_res_spin_unlock(&entry->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
