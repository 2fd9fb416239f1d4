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

test("a structure of another kind", () => {
  const asked = (given: string, before = "") => `${KFUNCS}
struct { __uint(type, BPF_MAP_TYPE_CGRP_STORAGE); __type(key, int); __type(value, u64); } kept SEC(".maps");
${before}SEC("tp_btf/sys_enter")
int BPF_PROG(f, struct linux_binprm *program)
{
    struct task_struct *task = bpf_get_current_task_btf();

    bpf_cgrp_storage_get(&kept, ${given}, 0, 0);`;
  checkRule(
    wrongKernelObject,
    `${asked("(void *)task")}
//                              ^^^^^^^^^^^^ bpf_cgrp_storage_get() wants a struct cgroup, and bpf_get_current_task_btf is another structure: the verifier refuses it
    bpf_task_acquire((struct task_struct *)program);
//                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_task_acquire() wants a struct task_struct, and program is another structure: the verifier refuses it
    return 0;
}
`,
  );
  for (const given of ["(void *)task->cgroups", "other(task)", "task->cgroups->dfl_cgrp"])
    checkNoFindings(wrongKernelObject, `${asked(given)}\n    bpf_task_acquire(task);\n    return 0;\n}\n`);
});

test("a place in an object that is not known before", () => {
  checkRule(
    wrongKernelObject,
    program(`  struct item *p = bpf_obj_new_impl(1, 0);
  if (!p) return 0;
  bpf_list_push_front_impl(&items, (void *)&p->node + skb->protocol, 0, 0);
//                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ bpf_list_push_front() wants an object itself, and a number that is not known before was added here: the verifier refuses it`),
  );
  checkNoFindings(
    wrongKernelObject,
    program("struct item *p = bpf_obj_new_impl(1, 0); if (p) bpf_list_push_front_impl(&items, &p->node, 0, 0);"),
  );
});

test("a place beside the dynptr of a callback", () => {
  const callback = (given: string) => `
struct bpf_dynptr { u64 words[2]; };
struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); } samples SEC(".maps");
static long each(struct bpf_dynptr *sample, void *context)
{
  return bpf_dynptr_data(${given}, 0, 8) ? 1 : 0;
}
SEC("raw_tp/sys_enter")
int f(void *ctx)
{
  bpf_user_ringbuf_drain(&samples, each, NULL, 0);
  return 0;
}`;
  const text = callback("sample - 1").replace(
    "? 1 : 0;",
    "? 1 : 0;\n//                       ^^^^^^^^^^ bpf_dynptr_data() wants the dynptr itself, not a place beside it: the verifier refuses it",
  );
  checkRule(wrongKernelObject, text);
  checkNoFindings(wrongKernelObject, callback("sample"));
});
