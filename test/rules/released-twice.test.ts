import { test } from "vitest";
import { releasedTwice } from "../../server/src/analysis/rules/released-twice.ts";
import { unownedRelease } from "../../server/src/analysis/rules/unowned-release.ts";
import { useAfterRelease } from "../../server/src/analysis/rules/use-after-release.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const program = (
  body: string,
): string => `struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
extern void bpf_task_release(struct task_struct *p) __ksym;
extern int bpf_dynptr_clone(struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit) __ksym;
SEC("tp_btf/sched_process_exec")
int BPF_PROG(f, struct task_struct *task, u64 n)
{
${body}
}
`;

const RESERVED = `    u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
    if (!e)
        return 0;`;

test("the way through the end of the function gives back again", () => {
  checkRule(
    releasedTwice,
    program(`${RESERVED}
    if (n == 3) {
        bpf_ringbuf_discard(e, 0);
        goto out;
    }
out:
    bpf_ringbuf_submit(e, 0);
//  ^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_ringbuf_reserve() gave is given back a second time: the verifier refuses the program
    return 0;`),
  );
});

test("a dynptr and its clone are given back once", () => {
  checkRule(
    releasedTwice,
    program(`    struct bpf_dynptr a, b;
    bpf_ringbuf_reserve_dynptr(&events, 8, 0, &a);
    bpf_dynptr_clone(&a, &b);
    bpf_ringbuf_submit_dynptr(&a, 0);
    bpf_ringbuf_discard_dynptr(&b, 0);
//                             ^^ b is given back a second time: the verifier refuses the program
    return 0;`),
  );
});

test("each turn of a loop gives back what it took", () => {
  checkNoFindings(
    releasedTwice,
    program(`    for (int i = 0; i < 50; i++) {
        u32 *e = bpf_ringbuf_reserve(&events, 4, 0);
        if (!e)
            break;
        bpf_ringbuf_submit(e, 0);
    }
    return 0;`),
  );
});

test("what is read after it was given back, by a helper as well", () => {
  checkRule(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    return *e;
//         ^^ what bpf_ringbuf_reserve() gave is used after bpf_ringbuf_submit() took it back: the verifier refuses the program`),
  );
  checkRule(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    bpf_get_current_comm(e, 4);
//                       ^ what bpf_ringbuf_reserve() gave is used after bpf_ringbuf_submit() took it back: the verifier refuses the program
    return 0;`),
  );
});

test("it may be compared, and the variable used for something else", () => {
  checkNoFindings(
    useAfterRelease,
    program(`${RESERVED}
    bpf_ringbuf_submit(e, 0);
    if (!e)
        return 1;
    e = bpf_ringbuf_reserve(&events, 4, 0);
    if (!e)
        return 0;
    *e = 1;
    bpf_ringbuf_submit(e, 0);
    return 0;`),
  );
});

test("an argument is lent, and what nobody knows may be anything", () => {
  checkRule(
    unownedRelease,
    program(`    bpf_task_release(task);
//  ^^^^^^^^^^^^^^^^^^^^^^ task is not the program's to give back: the verifier refuses bpf_task_release()
    return 0;`),
  );
  checkNoFindings(unownedRelease, program("    bpf_task_release(found(n));\n    return 0;"));
});

test("a CPU's own object that a map keeps now is there only as long as RCU keeps it", () => {
  const text = (section: string, told = "") => `struct val { int x; };
struct elem { struct val __percpu_kptr *each; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct elem); } elems SEC(".maps");
extern void *bpf_percpu_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;
SEC("${section}")
int BPF_PROG(f)
{
    int key = 0;
    struct elem *e = bpf_map_lookup_elem(&elems, &key);
    struct val *p, *old;
    if (!e)
        return 0;
    p = bpf_percpu_obj_new_impl(1, 0);
    if (!p)
        return 0;
    old = bpf_kptr_xchg(&e->each, p);
    if (old)
        bpf_percpu_obj_drop_impl(old, 0);
    bpf_this_cpu_ptr(p);${told}
    return 0;
}
`;
  checkRule(
    useAfterRelease,
    text(
      "fentry.s/f",
      `
//                   ^ what bpf_percpu_obj_new_impl() gave is used after bpf_kptr_xchg() took it back: the verifier refuses the program`,
    ),
  );
  checkNoFindings(useAfterRelease, text("fentry/f"));
});

test("each element of an array of arrays is one of its own", () => {
  checkNoFindings(
    releasedTwice,
    program(`    u32 *all[2][2] = {};
    u32 *first = bpf_ringbuf_reserve(&events, 4, 0), *other = bpf_ringbuf_reserve(&events, 4, 0);
    if (!first || !other)
        goto out;
    all[0][1] = first;
    all[1][0] = other;
    bpf_ringbuf_submit(all[0][1], 0);
    bpf_ringbuf_submit(all[1][0], 0);
    return 0;
out:
    if (first)
        bpf_ringbuf_discard(first, 0);
    if (other)
        bpf_ringbuf_discard(other, 0);
    return 0;`),
  );
});

const linked = (body: string): string => `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_rbtree_add_impl(struct bpf_rb_root *root, struct bpf_rb_node *node, bool (less)(struct bpf_rb_node *a, const struct bpf_rb_node *b), void *meta, u64 offset) __ksym;
extern struct bpf_rb_node *bpf_rbtree_first(struct bpf_rb_root *root) __ksym;
extern struct bpf_rb_node *bpf_rbtree_remove(struct bpf_rb_root *root, struct bpf_rb_node *node) __ksym;
struct item { struct bpf_rb_node node; u64 n; };
SEC(".data.a") struct bpf_spin_lock lock;
SEC(".data.a") struct bpf_rb_root tree __contains(item, node);
static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
    return a < b;
}
SEC("tc")
int f(struct __sk_buff *skb)
{
    struct bpf_rb_node *node;
    struct item *item = bpf_obj_new_impl(bpf_core_type_id_local(struct item), NULL);
    if (!item)
        return 0;
    bpf_spin_lock(&lock);
    bpf_rbtree_add_impl(&tree, &item->node, less, NULL, 0);
${body}
}
`;

test("what was added may be looked at until the lock is given back", () => {
  checkRule(
    useAfterRelease,
    linked(`    item->n = 1;
    bpf_spin_unlock(&lock);
    return item->n;
//         ^^^^^^^ what bpf_obj_new_impl() gave is used after bpf_spin_unlock() gave back its list's lock: the verifier refuses the program`),
  );
});

test("what was looked up may be looked at until then as well, and what was taken out longer", () => {
  checkRule(
    useAfterRelease,
    linked(`    node = bpf_rbtree_first(&tree);
    if (!node) {
        bpf_spin_unlock(&lock);
        return 1;
    }
    item = container_of(node, struct item, node);
    item->n++;
    node = bpf_rbtree_remove(&tree, node);
    bpf_spin_unlock(&lock);
    skb->mark = item->n;
//              ^^^^^^^ what bpf_rbtree_first() gave is used after bpf_spin_unlock() gave back its list's lock: the verifier refuses the program
    if (!node)
        return 0;
    item = container_of(node, struct item, node);
    skb->mark = item->n;
    bpf_obj_drop_impl(item, NULL);
    return 0;`),
  );
});

test("what a function is handed that is verified by itself is nobody's to give back", () => {
  const alone = (head: string): string => `extern void bpf_task_release(struct task_struct *p) __ksym;
${head} int drop(struct task_struct *task __arg_trusted)
{
    bpf_task_release(task);
    return 0;
}
SEC("tp_btf/task_newtask")
int BPF_PROG(f, struct task_struct *task, u64 flags)
{
    return drop(task);
}
`;
  checkRule(
    unownedRelease,
    alone("__weak").replace(
      "(task);\n    return 0;",
      "(task);\n//  ^^^^^^^^^^^^^^^^^^^^^^ task is not the program's to give back: the verifier refuses bpf_task_release()\n    return 0;",
    ),
  );
  // Clang may put it where it is called, and only what happens there counts.
  checkNoFindings(unownedRelease, alone(""));
});

const list = (body: string): string => `
struct node { struct bpf_list_node link; u32 data; };
struct bpf_spin_lock lock SEC(".data.list");
struct bpf_list_head head SEC(".data.list");
extern void *bpf_obj_new_impl(u64 id, void *meta) __ksym;
extern int bpf_list_push_back_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 off) __ksym;
extern struct bpf_list_node *bpf_list_front(struct bpf_list_head *head) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *p) __ksym;
extern void bpf_task_release(struct task_struct *p) __ksym;
struct slot { struct task_struct __kptr *task; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, struct slot); } slots SEC(".maps");
SEC("tc")
int f(struct __sk_buff *skb)
{
    u32 key = 0;
    struct node *n = bpf_obj_new_impl(1, NULL);
    struct bpf_list_node *first;
    struct slot *slot = bpf_map_lookup_elem(&slots, &key);
    struct task_struct *task;
    if (!n || !slot)
        return 0;
${body}
    return 0;
}
`;

test("what is in a list may be looked at until its lock is given back", () => {
  checkRule(
    useAfterRelease,
    list(`    bpf_spin_lock(&lock);
    bpf_list_push_back_impl(&head, &n->link, NULL, 0);
    key = n->data;
    bpf_spin_unlock(&lock);
    key = n->data;
//        ^^^^^^^ what bpf_obj_new_impl() gave is used after bpf_spin_unlock() gave back its list's lock: the verifier refuses the program`),
  );
  checkRule(
    useAfterRelease,
    list(`    bpf_spin_lock(&lock);
    first = bpf_list_front(&head);
    if (first)
        key = container_of(first, struct node, link)->data;
    bpf_spin_unlock(&lock);
    if (first)
        key = container_of(first, struct node, link)->data;
//            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ what bpf_list_front() gave is used after bpf_spin_unlock() gave back its list's lock: the verifier refuses the program`),
  );
});

test("silent where another lock's time begins anew, and where nothing was put into the list", () => {
  checkNoFindings(
    useAfterRelease,
    list(`    bpf_spin_lock(&lock);
    bpf_spin_unlock(&lock);
    key = n->data;
    bpf_spin_lock(&lock);
    first = bpf_list_front(&head);
    if (first)
        key = container_of(first, struct node, link)->data;
    bpf_spin_unlock(&lock);`),
  );
});

test("what a map keeps is not the program's to give back", () => {
  checkRule(
    unownedRelease,
    list(`    task = slot->task;
    if (task)
        bpf_task_release(task);
//      ^^^^^^^^^^^^^^^^^^^^^^ task is not the program's to give back: the verifier refuses bpf_task_release()`),
  );
  checkNoFindings(
    unownedRelease,
    list(`    task = bpf_kptr_xchg(&slot->task, NULL);
    if (task)
        bpf_task_release(task);
    task = slot->task;
    if (!task)
        return 0;
    task = bpf_task_acquire(task);
    if (task)
        bpf_task_release(task);`),
  );
});
