import { test } from "vitest";
import { nodeOfAnotherList } from "../../server/src/analysis/rules/node-of-another-list.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (
  body: string,
): string => `extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 offset) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, u64 offset) __ksym;
extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
#define bpf_obj_new(type) ((type *)bpf_obj_new_impl(bpf_core_type_id_local(type), NULL))
struct item { u64 n; struct bpf_list_node node; struct bpf_rb_node sorted; };
struct other { u64 n; struct bpf_list_node node; };
struct owner { struct bpf_spin_lock lock; struct bpf_list_head items __contains(other, node); };
SEC(".data.a") struct bpf_spin_lock lock;
SEC(".data.a") struct bpf_list_head list __contains(item, node);
SEC(".data.a") struct bpf_rb_root tree __contains(item, sorted);
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
    return a < b;
}
SEC("tc")
int f(struct __sk_buff *skb)
{
${body}
    return 0;
}
`;

test("an object of another struct, and no node at all", () => {
  checkRule(
    nodeOfAnotherList,
    program(`    struct other *o = bpf_obj_new(typeof(*o));
    struct item *i = bpf_obj_new(struct item);
    if (!o || !i)
        return 0;
    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&list, &o->node, NULL, 0);
//                                 ^^^^^^^^ list holds struct item, not struct other: the verifier refuses the program
    bpf_rbtree_add_impl(&tree, (void *)&i->node, less, NULL, 0);
//                             ^^^^^^^^^^^^^^^^ this is no struct bpf_rb_node of an object: the verifier refuses the program
    bpf_spin_unlock(&lock);`),
  );
});

test("which node it is must be known", () => {
  checkRule(
    nodeOfAnotherList,
    program(`    struct item *i = bpf_obj_new(struct item);
    if (!i)
        return 0;
    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&list, (void *)i + skb->mark, NULL, 0);
//                                 ^^^^^^^^^^^^^^^^^^^^^ which struct bpf_list_node this is depends on a variable: the verifier refuses the program
    bpf_spin_unlock(&lock);`),
  );
});

test("an object in its list and in its tree, and lists in objects", () => {
  checkNoFindings(
    nodeOfAnotherList,
    program(`    struct owner *w = bpf_obj_new(typeof(*w));
    struct other *o = bpf_obj_new(typeof(*o));
    struct item *i = bpf_obj_new(struct item);
    if (!o || !i || !w)
        return 0;
    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&list, &i->node, NULL, 0);
    bpf_rbtree_add_impl(&tree, &i->sorted, less, NULL, 0);
    bpf_spin_unlock(&lock);
    bpf_spin_lock(&w->lock);
    bpf_list_push_back_impl(&w->items, &o->node, NULL, 0);
    bpf_spin_unlock(&w->lock);`),
  );
});

test("of objects whose type is not known nothing is said", () => {
  checkNoFindings(
    nodeOfAnotherList,
    program(`    void *o = bpf_obj_new_impl(skb->mark, NULL);
    if (!o)
        return 0;
    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&list, o, NULL, 0);
    bpf_spin_unlock(&lock);`),
  );
});
