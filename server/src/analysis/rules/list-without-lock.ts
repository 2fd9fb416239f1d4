/** Rule: a list or a tree is used while no lock is held. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const listWithoutLock: Rule = {
  meta: {
    id: "list-without-lock",
    group: "paths",
    summary: "A list or tree used without its lock",
    rationale: `A \`bpf_list_head\` or \`bpf_rb_root\` stands beside a \`bpf_spin_lock\` in the same value or section, and the verifier
lets a program look into the list, add to it and take from it only while that lock is held.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))

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
	struct item *item = bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);

	if (!item)
		return 0;
	item->number = skb->len;
	bpf_list_push_front_impl(&items, &item->node, NULL, 0);
	return 0;
}`,
        good: `#define __contains(name, node) __attribute__((btf_decl_tag("contains:" #name ":" #node)))

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
	struct item *item = bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);

	if (!item)
		return 0;
	item->number = skb->len;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&items, &item->node, NULL, 0);
	bpf_spin_unlock(&lock);
	return 0;
}`,
        refused: { by: "kernel", says: "must be held for bpf_list_head" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, about, facts = {}, story = [] } of flowOf(ctx).of("no lock")) {
      yield {
        range: lines.rangeOf(span),
        message: messageOf(about, facts),
        related: story.map((place) => ({ range: lines.rangeOf(place.span), message: place.message })),
      };
    }
  },
};

function messageOf(_: string, { call }: Readonly<Record<string, unknown>>): string {
  return `${String(call).replace(/_impl$/, "")}() while no lock is held: the verifier refuses the program`;
}
