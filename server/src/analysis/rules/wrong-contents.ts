/** Rule: a list or a tree is declared to hold objects by a field that is no such node, or objects that nobody makes. */

import { type Contents, declaredContents } from "../flow/special.ts";
import type { BpfModel } from "../model.ts";
import type { Report, Rule, RuleContext } from "../rule.ts";

export const wrongContents: Rule = {
  meta: {
    id: "wrong-contents",
    group: "maps",
    summary: "List or tree that is declared for a field that is no node of it",
    rationale: `\`__contains(struct, field)\` says which objects a list or a tree holds, and by which of their fields. A list takes a
\`bpf_list_node\`, a tree a \`bpf_rb_node\`. The kernel does not take the types of the map when the field is missing or another,
nor when nothing else in the file uses the struct, for then the compiler leaves it out of the types. Locks and lists of
that map or section are not found any more.`,
    severity: "error",
    fix: "none",
    examples: [
      {
        bad: `extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct item {
	struct bpf_list_node node;
	u64 number;
};

SEC(".data.tree") struct bpf_spin_lock lock;
SEC(".data.tree") struct bpf_rb_root items __attribute__((btf_decl_tag("contains:item:node")));

SEC("tc")
int look(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (item)
		bpf_obj_drop_impl(item, 0);
	bpf_spin_lock(&lock);
	bpf_rbtree_first(&items);
	bpf_spin_unlock(&lock);
	return 0;
}`,
        good: `extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct item {
	struct bpf_rb_node node;
	u64 number;
};

SEC(".data.tree") struct bpf_spin_lock lock;
SEC(".data.tree") struct bpf_rb_root items __attribute__((btf_decl_tag("contains:item:node")));

SEC("tc")
int look(struct __sk_buff *skb)
{
	struct item *item = bpf_obj_new_impl(__builtin_btf_type_id(*(struct item *)0, 0), 0);

	if (item)
		bpf_obj_drop_impl(item, 0);
	bpf_spin_lock(&lock);
	bpf_rbtree_first(&items);
	bpf_spin_unlock(&lock);
	return 0;
}`,
        refused: { by: "kernel", says: "has no valid bpf_spin_lock" },
      },
    ],
  },

  *check({ model }: RuleContext): Iterable<Report> {
    for (const one of declaredContents(model)) {
      const wrong = whatIsWrong(one, model);
      if (wrong !== undefined)
        yield {
          range: model.code.lines.rangeOf(one.at),
          message: `${one.name} ${wrong}: the kernel refuses what uses it`,
        };
    }
  },
};

function whatIsWrong({ type, field, list }: Contents, model: BpfModel): string | undefined {
  const fields = model.recordOf(type)?.fields;
  if (fields === undefined) return undefined;
  const node = list === "struct bpf_rb_root" ? "struct bpf_rb_node" : "struct bpf_list_node";
  const known = fields.find(({ name }) => name === field);
  if (known === undefined)
    // What stands in a structure without a name is a field of this one.
    return fields.some(({ name }) => name === "") ? undefined : `is to hold ${type} by ${field}, which that has not`;
  if (known.type === undefined) return undefined;
  if (known.type !== node) return `is to hold ${type} by ${field}, which is no ${node}`;
  return isUnused(type, model)
    ? `is to hold ${type}, which nothing else uses, so that its type is left out`
    : undefined;
}

/** It is named where it is defined, and beside lists, and nowhere else. */
function isUnused(type: string, model: BpfModel): boolean {
  const name = type.slice("struct ".length);
  const places = model.code.uses(name);
  const lists = declaredContents(model);
  const others = places.filter(({ range }) => {
    const at = model.code.lines.offsetAt(range.start);
    return !lists.some((one) => one.at.start <= at && at < one.at.end);
  });
  const [only] = others;
  if (
    only === undefined ||
    others.length > 1 ||
    model.code.directives().some(({ body }) => new RegExp(`\\b${name}\\b`).test(body))
  )
    return false;
  const { text, lines } = model.code;
  const { start, end } = only.range;
  // A name for it, or a variable of it, uses it by other words.
  if (/\btypedef\s+struct\s+$/.test(text.slice(0, lines.offsetAt(start)))) return false;
  return /^\s*\{[^{}]*\}\s*;/.test(text.slice(lines.offsetAt(end)));
}
