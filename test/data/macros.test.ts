/** libbpf's macros as committed, and the reader that made them. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { macrosIn } from "../../data/tools/extract/macros.mjs";

const { macros } = buildKnowledge(join(import.meta.dirname, "../../data"));

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
  }
});
