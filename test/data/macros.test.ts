/** libbpf's macros and functions as committed, and the reader that made them. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { expansion, extract, functionsIn, macrosIn } from "../../data/tools/extract/macros.mjs";

const DATA = join(import.meta.dirname, "../../data");
const { macros, helpers, kfuncs } = buildKnowledge(DATA);

test("macros are read with their parameters, what is libbpf's own is left out", () => {
  const header = `#define SEC(name) \\
	_Pragma("x") __attribute__((section(name), used))
/* #define GONE 1 */
#define ___internal(a) a
#define __BPF_HELPERS__
#define __uint(name, val) int (*name)[val]
# define bpf_printk(fmt, args...) x
#define NULL ((void *)0)
#define NULL 0
`;
  expect([...macrosIn(header)]).toEqual([
    ["SEC", ["name"]],
    ["__uint", ["name", "val"]],
    ["bpf_printk", ["fmt", "args..."]],
    ["NULL", undefined],
  ]);
});

test("functions with a body are read, what a macro becomes is none", () => {
  const header = `static __always_inline
int f(struct x *ctx, const __u32 slot) /* comment */
{
	if (slot) {
		return g(ctx);
	}
}
__weak __hidden
long h(void)
{
}
extern int declared(void) __ksym;
#define M(name) \\
static __always_inline int name(void) \\
{ \\
}
`;
  const found = functionsIn(header);
  expect([...found.keys()]).toEqual(["f", "h"]);
  expect(found.get("f")).toMatchObject({ returns: "int", params: ["struct x *ctx", "const __u32 slot"] });
  expect(found.get("f")?.body).toContain("g(ctx)");
});

test.each([
  [["((a) + 1)"], "(a) + 1"],
  [["(a) + (b)"], "(a) + (b)"],
  [["__attribute__((weak))"], "__attribute__((weak))"],
  [["1", "1"], "1"],
  [["1", "2"], undefined],
  [[""], undefined],
  [["__PT_REGS_CAST(x)"], undefined],
  [["F(name, ##args)"], undefined],
  [[`f(${"a, ".repeat(40)}b)`], undefined],
])("%j is shown as %j", (bodies, shown) => {
  expect(expansion(bodies)).toBe(shown);
});

const HEADER = `extern int bpf_iter_num_new(int start) __weak __ksym;
#define ___args1(x) bpf_one(x)
#define ___args2(x, args...) bpf_two(x) ___args1(args)
#define ___args(args...) ___apply(___args, ___narg(args))(args)
#define ALL(args...) ({ ___args(args); })
#define LOOP(n) bpf_iter_num_new(n)
#define EXISTS(field...) __builtin_preserve_field_info(field, 1)
#define LOCAL(type) __builtin_btf_type_id(type, BPF_TYPE_ID_LOCAL)
#define PLAIN 1
static __always_inline int calls(void *ctx)
{
	return bpf_one(ctx);
}
`;
const SIGNATURES =
  "static long (* const bpf_one)(int x) = (void *) 1;\nstatic int (* const bpf_two)(int x) = (void *) 2;\n";
const upstreams = {
  read: (_: string, path: string) =>
    path === "src/bpf_helper_defs.h" ? SIGNATURES : path === "src/bpf_helpers.h" ? HEADER : "",
  readAll: () => [],
  refs: () => ["v0.1.0", "v0.2"],
  digest: () => undefined,
};

test("what a macro needs is found behind every macro it uses, and what we add stands beside it", () => {
  const curated = [
    { name: "ALL", expands: "one(x), two(x)", when: { bpf_two: "there are two" } },
    { name: "LOOP", needs: [{ kind: "kernel" as const, name: "loops", since: "6.4" }] },
  ];
  const { entries } = extract(upstreams, curated);
  const fact = (name: string) => entries.find((entry) => entry.name === name);
  expect(fact("ALL")).toMatchObject({
    expands: "one(x), two(x)",
    libbpf: "0.1",
    needs: [
      { kind: "helper", name: "bpf_one" },
      { kind: "helper", name: "bpf_two", when: "there are two" },
    ],
  });
  expect(fact("LOOP")?.needs).toEqual([
    { kind: "kfunc", name: "bpf_iter_num_new" },
    { kind: "kernel", name: "loops", since: "6.4" },
  ]);
  expect(fact("EXISTS")?.needs).toEqual([{ kind: "btf", name: "kernel" }]);
  expect(fact("LOCAL")?.needs).toEqual([{ kind: "btf", name: "program" }]);
  expect(fact("PLAIN")).not.toHaveProperty("needs");
  expect(fact("calls")).toMatchObject({ function: true, returns: "int", needs: [{ name: "bpf_one" }] });
});

test.each([
  [{ name: "GONE", expands: "x" }, "libbpf has no GONE"],
  [{ name: "PLAIN", expands: "1" }, "PLAIN expands to that in libbpf's own words; remove it"],
  [{ name: "ALL", when: { bpf_three: "never" } }, "ALL does not use bpf_three"],
])("refuses the curated entry %j", (entry, message) => {
  expect(() => extract(upstreams, [entry])).toThrow(`data/curated/macros.json: ${message}`);
});

test("well-known macros need what they call", () => {
  const needs = (name: string) => macros.find((fact) => fact.name === name)?.needs;
  expect(needs("BPF_CORE_READ")).toEqual([
    { kind: "helper", name: "bpf_probe_read_kernel" },
    { kind: "btf", name: "kernel" },
  ]);
  expect(needs("bpf_printk")).toMatchObject([
    { name: "bpf_trace_printk", when: "there are at most three values" },
    { name: "bpf_trace_vprintk", when: "there are more than three values" },
  ]);
  expect(needs("bpf_for")).toMatchObject([
    { kind: "kfunc", name: "bpf_iter_num_destroy" },
    { kind: "kfunc", name: "bpf_iter_num_new" },
    { kind: "kfunc", name: "bpf_iter_num_next" },
  ]);
  expect(needs("bpf_tail_call_static")).toEqual([{ kind: "helper", name: "bpf_tail_call" }]);
  expect(needs("BPF_PROG")).toBeUndefined();
});

test("functions are there, with the release that brought them", () => {
  const functions = macros.filter((fact) => fact.function);
  expect(functions.map(({ name, libbpf }) => `${name} ${libbpf}`)).toEqual([
    "__bpf_usdt_spec_id 0.8",
    "bpf_tail_call_static 0.2",
    "bpf_usdt_arg 0.8",
    "bpf_usdt_arg_cnt 0.8",
    "bpf_usdt_arg_size 1.6",
    "bpf_usdt_cookie 0.8",
  ]);
});

test("every helper and kfunc that a macro needs is known", () => {
  const known = new Set([...helpers, ...kfuncs].map(({ name }) => name));
  const called = macros.flatMap(({ needs = [] }) => needs.filter(({ kind }) => kind === "helper" || kind === "kfunc"));
  // The iterator's type stands in place of <type>.
  const names = called.map(({ name }) => name).filter((name) => !name.includes("<type>"));
  for (const name of names) expect(known.has(name), name).toBe(true);
});

test("well-known macros have their header and release", () => {
  const macro = (name: string) => macros.find((fact) => fact.name === name);
  expect(macro("SEC")).toMatchObject({ header: "bpf_helpers.h", libbpf: "0.1" });
  expect(macro("bpf_for")).toMatchObject({ header: "bpf_helpers.h", params: ["i", "start", "end"] });
  expect(macro("BPF_KSYSCALL")).toMatchObject({ header: "bpf_tracing.h", libbpf: "1.0" });
  expect(macro("BPF_USDT")).toMatchObject({ header: "usdt.bpf.h", libbpf: "0.8" });
  expect(macro("bpf_core_type_matches")).toMatchObject({ header: "bpf_core_read.h", libbpf: "1.0" });
});

test("every fact is well formed", () => {
  expect(macros.length).toBeGreaterThan(90);
  const names = macros.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  for (const { name, libbpf, source } of macros) {
    if (libbpf !== undefined) expect(libbpf, name).toMatch(/^\d+\.\d+$/);
    expect(source[0], name).toMatch(/^libbpf:src\//);
    expect(macros.find((fact) => fact.name === name)?.note?.summary, name).toBeTruthy();
  }
});
