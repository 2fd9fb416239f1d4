import { test } from "vitest";
import { changeInComparison } from "../../server/src/analysis/rules/change-in-comparison.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (body: string, call = "less"): string => `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
struct item { struct bpf_rb_node node; u64 n; };
SEC(".data.a") struct bpf_spin_lock lock;
SEC(".data.a") struct bpf_rb_root tree __contains(item, node);
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
${body}
    return container_of(a, struct item, node)->n < container_of(b, struct item, node)->n;
}
static int with(bool (compare)(struct bpf_rb_node *a, const struct bpf_rb_node *b))
{
    struct item *item = bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);
    if (!item)
        return 0;
    bpf_spin_lock(&lock);
    bpf_rbtree_add_impl(&tree, &item->node, compare, NULL, 0);
    bpf_spin_unlock(&lock);
    return 0;
}
SEC("tc")
int f(struct __sk_buff *skb)
{
    return with(${call});
}
`;

test("it is handed on by another function, and begins a section", () => {
  checkRule(
    changeInComparison,
    program(`    bpf_rcu_read_lock();
//  ^^^^^^^^^^^^^^^^^^^ bpf_rcu_read_lock() in the function that compares nodes of a tree: the verifier refuses the program`),
  );
});

test("it compares, and looks at the first", () => {
  checkNoFindings(changeInComparison, program("    bpf_rbtree_first(&tree);"));
});

test("which function compares is not known", () => {
  checkNoFindings(changeInComparison, program("    bpf_spin_unlock(&lock);", "other"));
});
