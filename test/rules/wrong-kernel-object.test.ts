import { test } from "vitest";
import { wrongKernelObject } from "../../server/src/analysis/rules/wrong-kernel-object.ts";
import { checkNoFindings, checkRule } from "../support/check.ts";

const KFUNCS = `extern void *bpf_obj_new_impl(u64 type, void *meta) __ksym;
extern void *bpf_percpu_obj_new_impl(u64 type, void *meta) __ksym;
extern void bpf_obj_drop_impl(void *object, void *meta) __ksym;
extern void bpf_percpu_obj_drop_impl(void *object, void *meta) __ksym;
extern int bpf_list_push_front_impl(struct bpf_list_head *head, struct bpf_list_node *node, void *meta, u64 off) __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern struct nf_conn *bpf_skb_ct_alloc(void *ctx, void *tuple, u32 size, void *opts, u32 opts_size) __ksym;
extern struct nf_conn *bpf_ct_insert_entry(struct nf_conn *ct) __ksym;
extern void bpf_ct_release(struct nf_conn *ct) __ksym;
struct item { struct bpf_list_node node; };
struct bpf_list_head items;`;
const program = (body: string) => `${KFUNCS}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n${body}\n  return 0;\n}\n`;

test("another function's objects", () => {
  checkRule(
    wrongKernelObject,
    program(`  struct item *p = bpf_percpu_obj_new_impl(1, 0);
  if (p) bpf_obj_drop_impl(p, 0);
//                         ^ bpf_obj_drop() of what bpf_percpu_obj_new_impl() made: the verifier refuses it`),
  );
  checkRule(
    wrongKernelObject,
    program(`  struct task_struct mine = {};
  bpf_task_acquire(&mine);
//                 ^^^^^ bpf_task_acquire() wants a struct task_struct of the kernel's, not a variable: the verifier refuses it`),
  );
});

test("connections before and after they are inserted", () => {
  checkRule(
    wrongKernelObject,
    program(`  struct nf_conn *ct = bpf_skb_ct_alloc(skb, 0, 0, 0, 0);
  if (!ct) return 0;
  if (skb->len) { bpf_ct_release(ct); return 0; }
//                               ^^ bpf_ct_release() wants a connection that is inserted: the verifier refuses it
  ct = bpf_ct_insert_entry(ct);
  if (ct) bpf_ct_release(ct);`),
  );
});

test("silent for what fits, and for what nobody knows", () => {
  for (const body of [
    "  struct item *p = bpf_obj_new_impl(1, 0);\n  if (p) bpf_obj_drop_impl(p, 0);",
    "  struct item *p = bpf_percpu_obj_new_impl(1, 0);\n  if (p) bpf_percpu_obj_drop_impl(p, 0);",
    "  struct bpf_list_node *n = bpf_list_pop_front(&items);\n  if (n) bpf_obj_drop_impl(n, 0);",
    "  bpf_task_acquire(some(skb));",
    "  for (int i = 0; i < 4; i++) {\n    struct item *p = bpf_obj_new_impl(1, 0);\n    if (!p) break;\n    bpf_list_push_front_impl(&items, &p->node, 0, 0);\n  }",
  ])
    checkNoFindings(wrongKernelObject, program(body));
});
