/*
 * minimum: 6.10
 * lacks: bpf_wq_init
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct entry {
	struct bpf_wq work;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, int);
	__type(value, struct entry);
	__uint(max_entries, 1);
} entries SEC(".maps");

extern int bpf_wq_init(struct bpf_wq *wq, void *p__map, unsigned int flags) __ksym;

SEC("tc")
int prepare(struct __sk_buff *skb)
{
	int key = 0;
	struct entry *entry = bpf_map_lookup_elem(&entries, &key);

	if (entry)
		bpf_wq_init(&entry->work, &entries, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
