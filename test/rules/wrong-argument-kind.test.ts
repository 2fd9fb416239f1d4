import { expect, test } from "vitest";
import { wrongArgumentKind } from "../../server/src/analysis/rules/wrong-argument-kind.ts";
import { checkFix, checkNoFindings, findingsIn } from "../support/check.ts";

const file = (body: string, before = "") => `
struct event { __u32 pid; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); } m SEC(".maps");
${before}
SEC("tp/sched/sched_switch")
int f(struct trace_event_raw_sched_switch *ctx) { __u32 key = 1; ${body} return 0; }
`;

const messagesOf = (body: string, before?: string) =>
  findingsIn(file(body, before), [wrongArgumentKind]).map(({ message }) => message);

test("a number where an address is wanted", () => {
  expect(messagesOf("bpf_map_lookup_elem(&m, key);")).toEqual([
    "bpf_map_lookup_elem() wants the address of the key: &key",
  ]);
  checkFix(wrongArgumentKind, file("bpf_map_lookup_elem(&m, key);"), file("bpf_map_lookup_elem(&m, &key);"));
  expect(messagesOf("bpf_map_lookup_elem(&m, 5);")).toEqual([
    "bpf_map_lookup_elem() wants the address of the key, not a number: a variable that holds it has one",
  ]);
});

test("numbers of many names", () => {
  for (const declaration of [
    "int x;",
    "unsigned long long x = 0;",
    "const __be32 x = 1;",
    "static uint8_t x;",
    "enum kind x;",
    "pid_t a = 0, x = 1;",
  ])
    expect(messagesOf(`${declaration} bpf_map_delete_elem(&m, x);`)).toHaveLength(1);
  expect(messagesOf("bpf_map_delete_elem(&m, x);", "static __u64 x;")).toHaveLength(1);
  expect(messagesOf("bpf_map_delete_elem(&m, x);", "const volatile int x = 3;")).toHaveLength(1);
});

test("a structure where its address is wanted", () => {
  checkFix(
    wrongArgumentKind,
    file("struct event e = {}; bpf_map_update_elem(&m, &key, e, BPF_ANY);"),
    file("struct event e = {}; bpf_map_update_elem(&m, &key, &e, BPF_ANY);"),
  );
});

test("NULL", () => {
  expect(messagesOf("bpf_map_update_elem(&m, &key, NULL, BPF_ANY);")).toEqual([
    "bpf_map_update_elem() wants the address of the value, not NULL",
  ]);
  expect(messagesOf("bpf_map_update_elem(&m, &key, 0, BPF_ANY);")).toEqual([
    "bpf_map_update_elem() wants the address of the value, not 0, which is NULL",
  ]);
  expect(messagesOf("bpf_get_current_comm(NULL, 0);")).toEqual([
    "bpf_get_current_comm() wants the address of its buf, not NULL",
  ]);
  // Where the kernel takes NULL.
  expect(messagesOf("bpf_snprintf(NULL, 0, f, NULL, 0);")).toEqual([]);
  expect(messagesOf("bpf_task_storage_get(&m, t, NULL, 0);")).toEqual([]);
});

test("the context is no buffer", () => {
  expect(messagesOf("bpf_map_update_elem(&m, &key, ctx, BPF_ANY);")).toEqual([
    "bpf_map_update_elem() wants the address of the value, not the context: copy what you need to a variable first",
  ]);
  // The memory that is read may be anything.
  expect(messagesOf("bpf_probe_read_kernel(&key, 4, ctx);")).toEqual([]);
  const unpacked = `SEC("kprobe/x")\nint BPF_KPROBE(g) { bpf_map_lookup_elem(&m, ctx); return 0; }`;
  expect(messagesOf("", unpacked)).toHaveLength(1);
  // Who calls it with what nobody knows here.
  expect(messagesOf("", "static void g(void *ctx) { bpf_map_lookup_elem(&m, ctx); }")).toEqual([]);
  expect(messagesOf("", `SEC("kprobe/x")\nint MY_PROBE(g) { bpf_map_lookup_elem(&m, ctx); return 0; }`)).toEqual([]);
});

test("no context where one is wanted", () => {
  checkFix(wrongArgumentKind, file("bpf_get_stackid(&key, &m, 0);"), file("bpf_get_stackid(ctx, &m, 0);"));
  for (const text of ["NULL", "0", "key", "&m", "&key"])
    expect(messagesOf(`bpf_get_stackid(${text}, &m, 0);`)).toEqual([
      "bpf_get_stackid() wants the program's context, ctx, here",
    ]);
  for (const text of ["ctx", "other", "(void *)ctx", "regs->ctx"])
    expect(messagesOf(`void *other = ctx; bpf_get_stackid(${text}, &m, 0);`)).toEqual([]);
  // A pointer of another function may well be it.
  expect(messagesOf("", "static long g(void *c) { return bpf_get_stackid(c, &m, 0); }")).toEqual([]);
  expect(messagesOf("", "static long g(void *c) { int n; return bpf_get_stackid(&n, &m, 0); }")).toEqual([
    "bpf_get_stackid() wants the program's context here",
  ]);
});

test("what has changed places changes back", () => {
  checkFix(wrongArgumentKind, file("bpf_map_lookup_elem(&key, &m);"), file("bpf_map_lookup_elem(&m, &key);"));
  checkFix(wrongArgumentKind, file("bpf_get_stackid(&m, ctx, 0);"), file("bpf_get_stackid(ctx, &m, 0);"));
});

test("a text where a map is wanted", () => {
  expect(messagesOf('bpf_map_lookup_elem("m", &key);')).toEqual([
    "bpf_map_lookup_elem() wants the address of a map here",
  ]);
});

test("pointers, arrays and what is not known are left alone", () => {
  for (const declaration of [
    "__u32 *x = &key;",
    "char x[8];",
    "key_t x;",
    "struct event *x = 0;",
    "typeof(key) x;",
    "__u32 x[1] = {};",
  ])
    expect(messagesOf(`${declaration} bpf_map_delete_elem(&m, x);`)).toEqual([]);
  for (const text of ["unknown", "get_key()", "&e->key", "e->key", "(void *)key", "MY_KEY", "keys + 1", "inner"])
    expect(messagesOf(`bpf_map_delete_elem(&m, ${text});`)).toEqual([]);
  expect(messagesOf("bpf_map_delete_elem(inner, &key);")).toEqual([]);
});

test("an array that is a parameter is a pointer", () => {
  expect(messagesOf("", "static void g(unsigned char x[16]) { bpf_map_delete_elem(&m, x); }")).toEqual([]);
  expect(messagesOf("", "static void g(unsigned char x) { bpf_map_delete_elem(&m, x); }")).toHaveLength(1);
});

test("a name that means two things is left alone", () => {
  expect(messagesOf("{ int x; } { char *x = 0; bpf_map_delete_elem(&m, x); }")).toEqual([]);
  expect(messagesOf("bpf_map_delete_elem(&m, x);", "#define x &y\nstatic int x;")).toEqual([]);
});

test("half typed, or the project's own", () => {
  expect(messagesOf("bpf_map_update_elem(&m, key)")).toEqual([]);
  checkNoFindings(
    wrongArgumentKind,
    file("bpf_map_lookup_elem(&m, key);", "#define bpf_map_lookup_elem(m, k) look(m, &(k))"),
  );
});

test("guarded code may be what no kernel sees", () => {
  expect(messagesOf("if (NEVER) bpf_map_delete_elem(&m, NULL);")).toEqual([]);
  // That does not help with the compiler.
  expect(messagesOf("if (NEVER) bpf_map_delete_elem(&m, key);")).toHaveLength(1);
});
