import { expect, test } from "vitest";
import { wrongArgumentCount } from "../../server/src/analysis/rules/wrong-argument-count.ts";
import { checkFix, findingsIn, type Options } from "../support/check.ts";

const messagesOf = (body: string, before = "", options?: Options) =>
  findingsIn(`${before}\nint f(void *ctx) { ${body}; return 0; }`, [wrongArgumentCount], options).map(
    ({ message }) => message,
  );

test("says how many, and which", () => {
  expect(messagesOf("bpf_map_update_elem(&m, &k, &v)")).toEqual([
    "bpf_map_update_elem() takes 4 arguments (map, key, value, flags) and gets 3",
  ]);
  expect(messagesOf("bpf_ktime_get_ns(0)")).toEqual(["bpf_ktime_get_ns() takes no arguments and gets 1"]);
  expect(messagesOf("bpf_skb_vlan_pop()")).toEqual(["bpf_skb_vlan_pop() takes one argument (skb) and gets none"]);
  expect(messagesOf("bpf_trace_printk(fmt)")).toEqual([
    "bpf_trace_printk() takes at least 2 arguments (fmt, fmt_size, …) and gets 1",
  ]);
});

test("flags that are missing are added", () => {
  const program = (call: string) => `int f(void *e) { ${call}; return 0; }`;
  checkFix(wrongArgumentCount, program("bpf_ringbuf_submit(e)"), program("bpf_ringbuf_submit(e, 0)"));
  checkFix(wrongArgumentCount, program("bpf_map_push_elem(&q, e)"), program("bpf_map_push_elem(&q, e, BPF_ANY)"));
  // Nothing tells what is missing.
  checkFix(wrongArgumentCount, program("bpf_map_lookup_elem(&m)"), program("bpf_map_lookup_elem(&m)"));
});

test("what is too much is removed", () => {
  const program = (call: string) => `int f(void *e) { return ${call}; }`;
  checkFix(wrongArgumentCount, program("bpf_map_delete_elem(&m, e, 0, 1)"), program("bpf_map_delete_elem(&m, e)"));
  checkFix(wrongArgumentCount, program("bpf_get_smp_processor_id(e)"), program("bpf_get_smp_processor_id()"));
});

test("the right number", () => {
  expect(
    messagesOf("bpf_map_lookup_elem(&m, &(struct key){ 1, 2 }); bpf_ktime_get_ns(); bpf_trace_printk(f, 4, 1, 2)"),
  ).toEqual([]);
  expect(messagesOf("bpf_probe_read_kernel(&x, sizeof(x), (void *)(a, b))")).toEqual([]);
});

test("macros of libbpf", () => {
  expect(messagesOf("BPF_CORE_READ(task)")).toEqual([
    "BPF_CORE_READ() takes at least 2 arguments (src, a, …) and gets 1",
  ]);
  expect(messagesOf("bpf_htons(1, 2)")).toEqual(["bpf_htons() takes one argument (x) and gets 2"]);
  expect(messagesOf('bpf_printk("x"); bpf_printk("%d", 1); BPF_CORE_READ(t, mm, a, b)')).toEqual([]);
  expect(messagesOf("bpf_core_field_exists(t->x); bpf_core_field_exists(struct t, x)")).toEqual([]);
  // A header that is not known may have a macro of the same name.
  expect(messagesOf("bpf_htons(1, 2)", '#include "own.h"')).toEqual([]);
  // Braces do not hold a macro's argument together.
  expect(messagesOf("bpf_core_read(&(struct x){ 1, 2 }, 3)")).toEqual([]);
});

test("a kfunc takes what the file declares", () => {
  const declared = (params: string) => `extern int bpf_dynptr_clone(${params}) __ksym;`;
  expect(
    messagesOf("bpf_dynptr_clone(a)", declared("const struct bpf_dynptr *p, struct bpf_dynptr *clone__uninit")),
  ).toEqual(["bpf_dynptr_clone() takes 2 arguments (p, clone__uninit) and gets 1"]);
  expect(messagesOf("bpf_dynptr_clone(a)", declared("void *p"))).toEqual([]);
  expect(messagesOf("bpf_dynptr_clone(a)", declared("const struct bpf_dynptr *,\n\tstruct bpf_dynptr *"))).toEqual([
    "bpf_dynptr_clone() takes 2 arguments and gets 1",
  ]);
  expect(messagesOf("bpf_dynptr_clone(a)")).toEqual([]);
  expect(messagesOf("bpf_rcu_read_lock(1)", "extern void bpf_rcu_read_lock(void) __ksym;")).toHaveLength(1);
});

test("a macro may stand for several arguments", () => {
  expect(messagesOf("bpf_map_update_elem(&m, KEY_AND_VALUE, 0)", "#define KEY_AND_VALUE &k, &v")).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m, KEY_AND_VALUE, 0)", '#include "own.h"')).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m, PAIR(k), 0)", "#define PAIR(x) &x, &v")).toEqual([]);
});

test("not yet finished, or the project's own", () => {
  expect(messagesOf("bpf_map_update_elem(&m, &k")).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m)", "#define bpf_map_update_elem(m) 0")).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m)", "static int bpf_map_update_elem(void *m) { return 0; }")).toEqual([]);
  expect(messagesOf("bpf_map_update_elem(&m)", "static int (*bpf_map_update_elem)(void *m) = (void *)2;")).toEqual([]);
  expect(messagesOf("x.bpf_map_update_elem(&m)")).toEqual([]);
});

test("bcc has helpers of the same names", () => {
  expect(messagesOf('bpf_trace_printk("x")', "BPF_HASH(m, u32);")).toEqual([]);
  expect(messagesOf('bpf_trace_printk("x")', "", { loader: "bcc" })).toEqual([]);
});

test("a helper under a name of the file's own, declared with fewer arguments", () => {
  const own = (params: string) => `static long (*drop)(${params}) = (void *)BPF_FUNC_map_delete_elem;`;
  expect(messagesOf("drop(&m)", own("void *map"))).toEqual([
    "drop() is bpf_map_delete_elem(), which takes 2 arguments (map, key) and gets 1: the verifier refuses it",
  ]);
  expect(messagesOf("drop(&m, &k)", own("void *map, void *key"))).toEqual([]);
  expect(messagesOf("drop(BOTH)", `#define BOTH &m, &k\n${own("void *map, void *key")}`)).toEqual([]);
  expect(
    messagesOf("say(x, 2)", "static long (*say)(const char *, int, ...) = (void *)BPF_FUNC_trace_printk;"),
  ).toEqual([]);
  expect(messagesOf("now()", "static __u64 (*now)(void) = (void *)BPF_FUNC_ktime_get_ns;")).toEqual([]);
});
