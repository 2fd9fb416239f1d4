import { expect, test } from "vitest";
import { globalDataOnOldKernel } from "../../server/src/analysis/rules/global-data-on-old-kernel.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const program = (code: string) => `SEC("xdp")\nint f(void *ctx) { ${code} return 0; }\n`;
const told = (source: string, target = "4.19") =>
  findingsIn(source, [globalDataOnOldKernel], { target }).map(({ message }) => message);

test("one finding for all variables", () => {
  expect(told(`int a;\nconst volatile int b = 1;\n${program("a = b;")}`)).toEqual([
    "variables outside of functions (a and 1 more) are not on 4.19: first in 5.2",
  ]);
});

test("whatever the compiler must go to memory for", () => {
  for (const [declaration, code] of [
    ["int v = 3;", "return v;"],
    ["static volatile int v;", "return v;"],
    ["static int v;", "v++;"],
    ["static int v[4];", "v[1] += 2;"],
    ["static struct s v;", "v.x = 2;"],
  ])
    expect(told(`${declaration}\n${program(code ?? "")}`)).toHaveLength(1);
});

test("silent about constants, what is not used, and what is not known", () => {
  for (const source of [
    `static const int v = 3;\n${program("return v;")}`,
    `static int v = 3;\n${program("return v;")}`,
    `int v;\n${program("")}`,
    `int v;\nstatic int g(void) { return v; }\n${program("")}`,
    `#ifdef X\nint v;\n#endif\n${program("return v;")}`,
    `extern int v;\n${program("return v;")}`,
  ])
    expect(told(source)).toEqual([]);
  const source = `int v;\n${program("return v;")}`;
  checkNoFindings(globalDataOnOldKernel, source);
  expect(told(source, "5.2")).toEqual([]);
  expect(told(source, "rhel-8.6")).toEqual([]);
});

test("the format of bpf_printk(), once", () => {
  const prints = program('bpf_printk("a"); bpf_printk("b");');
  expect(told(prints)).toEqual(["bpf_printk() keeps its format in .rodata, which is not on 4.19: first in 5.2"]);
  expect(told(`#define BPF_NO_GLOBAL_DATA\n${prints}`)).toEqual([]);
  expect(told(`#define bpf_printk(...)\n${prints}`)).toEqual([]);
  expect(told(`#include "own.h"\n${prints}`)).toEqual([]);
});
