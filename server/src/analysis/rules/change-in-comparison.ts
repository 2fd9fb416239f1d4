/** Rule: the function that compares two nodes of a tree changes a tree, or takes or gives back a lock. */

import { flowOf } from "../flow/flow.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

const TYPES = `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node,
			       bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, u64 offset) __ksym;

struct item {
	struct bpf_rb_node node;
	u64 number;
};

SEC(".data.tree") struct bpf_spin_lock lock;
SEC(".data.tree") struct bpf_rb_root items __attribute__((btf_decl_tag("contains:item:node")));
`;

const ADDS = `SEC("tc")
int add(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (!item)
		return 0;
	bpf_spin_lock(&lock);
	bpf_rbtree_add_impl(&items, &item->node, less, 0, 0);
	bpf_spin_unlock(&lock);
	return 0;
}`;

export const changeInComparison: Rule = {
  walks: true,
  meta: {
    id: "change-in-comparison",
    group: "paths",
    summary: "Lock or change of a tree in the function that compares its nodes",
    rationale: `The function that compares two nodes runs while the tree is being changed, with its lock held. It may not change
a tree or a list, nor take or give back a lock or an RCU section: the verifier refuses the program. It returns whether the first node
comes before the second, and nothing else.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `${TYPES}
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	bpf_spin_unlock(&lock);
	return true;
}

${ADDS}`,
        good: `${TYPES}
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return true;
}

${ADDS}`,
        refused: { by: "kernel", says: "in rbtree cb" },
      },
    ],
  },

  *check(ctx: RuleContext): Iterable<Report> {
    for (const { span, about } of flowOf(ctx).of("in a comparison"))
      yield {
        range: ctx.model.code.lines.rangeOf(span),
        message: `${about.replace(/_impl$/, "")}() in the function that compares nodes of a tree: the verifier refuses the program`,
      };
  },
};
