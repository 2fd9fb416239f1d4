/*
 * expect: graph-lock-not-held
 * class: source
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))

extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;

struct item {
	struct bpf_list_node node;
	u64 number;
};

SEC(".data.A") struct bpf_spin_lock lock;
SEC(".data.A") struct bpf_list_head items __contains(item, node);

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	item->number = skb->len;
	bpf_list_push_front_impl(&items, &item->node, 0, 0); /* refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
