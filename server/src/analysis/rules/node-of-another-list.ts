/** Rule: a node is added to a list or a tree that was declared for other objects. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const nodeOfAnotherList: Rule = {
  walks: true,
  meta: {
    id: "node-of-another-list",
    group: "paths",
    summary: "Node that does not fit the list or tree it is added to",
    rationale: `A list holds objects of one struct by one of its nodes, which \`__contains(struct, field)\` says at its declaration.
The verifier refuses to add an object of another struct, or the same object by another of its nodes: what is taken out again is found
by going back from the node to where the object begins.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;

struct item {
	struct bpf_list_node by_age;
	struct bpf_list_node by_size;
	u64 number;
};

SEC(".data.list") struct bpf_spin_lock lock;
SEC(".data.list") struct bpf_list_head items __attribute__((btf_decl_tag("contains:item:by_size")));

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&items, &item->by_age, 0, 0);
	bpf_spin_unlock(&lock);
	return 0;
}`,
        good: `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;

struct item {
	struct bpf_list_node by_age;
	struct bpf_list_node by_size;
	u64 number;
};

SEC(".data.list") struct bpf_spin_lock lock;
SEC(".data.list") struct bpf_list_head items __attribute__((btf_decl_tag("contains:item:by_size")));

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	bpf_spin_lock(&lock);
	bpf_list_push_front_impl(&items, &item->by_size, 0, 0);
	bpf_spin_unlock(&lock);
	return 0;
}`,
        refused: { by: "kernel", says: "but expected bpf_list_node at offset=24 in struct item" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    const { lines } = ctx.model.code;
    for (const { span, facts = {} } of flowOf(ctx).of("misfit node"))
      yield { range: lines.rangeOf(span), message: `${messageOf(facts)}: the verifier refuses the program` };
  },
};

function messageOf({ how, wanted, given, list }: Readonly<Record<string, unknown>>): string {
  if (how === "no node") return `this is no ${wanted} of an object`;
  if (how === "variable") return `which ${wanted} this is depends on a variable`;
  if (how === "other field") return `${list} holds objects by their ${wanted}, not by their ${given}`;
  return wanted === "" ? `${list} holds no ${given}` : `${list} holds ${wanted}, not ${given}`;
}
