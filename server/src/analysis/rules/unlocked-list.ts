/** Rule: a list or a tree is changed without the lock that guards it. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const unlockedList: Rule = {
  walks: true,
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
        bad: `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;

struct item {
	struct bpf_list_node node;
	u64 number;
};

SEC(".data.list") struct bpf_spin_lock lock;
SEC(".data.list") struct bpf_list_head items __attribute__((btf_decl_tag("contains:item:node")));

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	item->number = skb->len;
	bpf_list_push_front_impl(&items, &item->node, 0, 0);
	return 0;
}`,
        good: `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;

struct item {
	struct bpf_list_node node;
	u64 number;
};

SEC(".data.list") struct bpf_spin_lock lock;
SEC(".data.list") struct bpf_list_head items __attribute__((btf_decl_tag("contains:item:node")));

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	item->number = skb->len;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&items, &item->node, 0, 0);
	bpf_spin_unlock(&lock);
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
