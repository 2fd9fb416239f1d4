/** Rule: a list or a tree is changed without the lock that guards it. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unlockedList: Rule = {
  meta: {
    id: "unlocked-list",
    group: "paths",
    summary: "List or tree that is used without its lock",
    rationale: `A list or a tree of objects is guarded by the \`bpf_spin_lock\` beside it: without it the verifier refuses each call on them.
The lock lies in the same map value, object or section of global variables. Taking a node out and looking at the first one need it
as well.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `struct item {
	struct bpf_list_node node;
	u64 value;
};

struct items {
	struct bpf_spin_lock lock;
	struct bpf_list_head head __attribute__((btf_decl_tag("contains:item:node")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct items);
} lists SEC(".maps");

extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern void bpf_obj_drop_impl(void *kptr, void *meta) __ksym;

SEC("tc")
int take(struct __sk_buff *skb)
{
	struct bpf_list_node *node;
	struct items *items;
	u32 key = 0;

	items = bpf_map_lookup_elem(&lists, &key);
	if (!items)
		return 0;
	node = bpf_list_pop_front(&items->head);
	if (node)
		bpf_obj_drop_impl(container_of(node, struct item, node), NULL);
	return 0;
}`,
        good: `struct item {
	struct bpf_list_node node;
	u64 value;
};

struct items {
	struct bpf_spin_lock lock;
	struct bpf_list_head head __attribute__((btf_decl_tag("contains:item:node")));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct items);
} lists SEC(".maps");

extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern void bpf_obj_drop_impl(void *kptr, void *meta) __ksym;

SEC("tc")
int take(struct __sk_buff *skb)
{
	struct bpf_list_node *node;
	struct items *items;
	u32 key = 0;

	items = bpf_map_lookup_elem(&lists, &key);
	if (!items)
		return 0;
	bpf_spin_lock(&items->lock);
	node = bpf_list_pop_front(&items->head);
	bpf_spin_unlock(&items->lock);
	if (node)
		bpf_obj_drop_impl(container_of(node, struct item, node), NULL);
	return 0;
}`,
        refused: { by: "kernel", says: "must be held for bpf_list_head" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const found of flowOf(ctx).of("no lock for a list"))
      yield {
        range: ctx.model.code.lines.rangeOf(found.span),
        message: `${found.about}() is called without the lock that guards its ${/rbtree/.test(found.about) ? "tree" : "list"}: the verifier refuses the program`,
      };
  },
};
