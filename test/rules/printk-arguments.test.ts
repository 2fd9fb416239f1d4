import { expect, test } from "vitest";
import { printkArguments } from "../../server/src/analysis/rules/printk-arguments.ts";
import { checkFix, checkNoFindings, findingsIn, type Options } from "../support/check.ts";

const inProgram = (code: string) => `SEC("xdp")\nint f(void *ctx)\n{\n\t${code}\n\treturn 0;\n}\n`;
const told = (code: string, options?: Options) =>
  findingsIn(inProgram(code), [printkArguments], options).map(({ message }) => message);
const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`).join(", ");

test("more than three values need a helper of 5.16", () => {
  const message = "bpf_printk() of more than 3 values calls bpf_trace_vprintk(), which is not on 5.15: first in 5.16";
  expect(told(`bpf_printk("x", ${values(4)});`, { target: "5.15" })).toEqual([message]);
  expect(told(`bpf_printk("x", ${values(3)});`, { target: "5.15" })).toEqual([]);
  expect(told(`bpf_printk("x", ${values(4)});`, { target: "5.16" })).toEqual([]);
  expect(told(`bpf_printk("x", ${values(4)});`)).toEqual([]);
});

test("more than twelve nobody prints", () => {
  expect(told(`bpf_printk("x", ${values(12)});`)).toEqual([]);
  expect(told(`bpf_printk("x", ${values(13)});`)).toEqual([
    "bpf_printk() takes at most 12 values and gets 13: clang refuses the call",
  ]);
  expect(told(`BPF_SNPRINTF(b, 4, "x", ${values(13)});`)).toHaveLength(1);
  expect(told(`BPF_SNPRINTF(b, 4, "x", ${values(12)});`)).toEqual([]);
  expect(told(`BPF_SEQ_PRINTF(s, "x", ${values(13)});`)).toHaveLength(1);
  expect(told(`BPF_SEQ_PRINTF(s, "x", ${values(12)});`)).toEqual([]);
});

test("the format is split between the two calls", () => {
  const fix = (before: string, first: string, second: string) =>
    checkFix(printkArguments, inProgram(before), inProgram(`${first}\n\t${second}`), { target: "5.10" });
  fix('bpf_printk("%d %d %d %d", a, b, c, d);', 'bpf_printk("%d %d %d", a, b, c);', 'bpf_printk("%d", d);');
  fix(
    'bpf_printk("a %pI4, b 100%% %-5llu, c=%s|d=%x\\n", a, b, c, d);',
    'bpf_printk("a %pI4, b 100%% %-5llu, c=%s\\n", a, b, c);',
    'bpf_printk("d=%x\\n", d);',
  );
  fix(
    'bpf_printk("%dms %dx%d %lu", a, g(b, 1), c, d);',
    'bpf_printk("%dms %dx%d", a, g(b, 1), c);',
    'bpf_printk("%lu", d);',
  );
});

test("no fix where the call is no statement, or the format does not tell", () => {
  for (const code of [
    'if (ctx)\n\t\tbpf_printk("%d %d %d %d", a, b, c, d);',
    "bpf_printk(FORMAT, a, b, c, d);",
    'bpf_printk("%d" " %d %d %d", a, b, c, d);',
    'bpf_printk("%d %d", a, b, c, d);',
    'bpf_printk("%*d %d %d", a, b, c, d);',
    `bpf_printk("%d", ${values(9)});`,
  ])
    expect(findingsIn(inProgram(code), [printkArguments], { target: "5.10" })).toEqual([
      expect.objectContaining({ fixes: [] }),
    ]);
});

test("silent about other macros of the name, guarded calls and half-typed ones", () => {
  const code = inProgram(`bpf_printk("x", ${values(4)});`);
  checkNoFindings(printkArguments, `#define bpf_printk(...)\n${code}`, { target: "5.10" });
  checkNoFindings(printkArguments, `#include "own.h"\n${code}`, { target: "5.10" });
  checkNoFindings(printkArguments, code, { target: "5.10", loader: "bcc" });
  checkNoFindings(printkArguments, `const volatile int v;\n${inProgram(`if (v) bpf_printk("x", ${values(4)});`)}`, {
    target: "5.10",
  });
  checkNoFindings(printkArguments, 'SEC("xdp")\nint f(void *ctx)\n{\n\tbpf_printk("x", a, b, c, d', { target: "5.10" });
});
