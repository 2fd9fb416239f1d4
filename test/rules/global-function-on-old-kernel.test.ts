import { expect, test } from "vitest";
import { globalFunctionOnOldKernel } from "../../server/src/analysis/rules/global-function-on-old-kernel.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const program = 'SEC("xdp")\nint f(struct xdp_md *ctx) { g(); return 0; }\n';
const told = (source: string, target: string) =>
  findingsIn(source + program, [globalFunctionOnOldKernel], { target }).map(({ message }) => message);

test("pointers, from 5.6 to 5.11", () => {
  const message = (target: string) => [
    `g() is not static and takes a pointer (p), which is not on ${target}: first in 5.12`,
  ];
  for (const type of ["int *", "const char *", "__u64 *", "void *", "unsigned char *"])
    expect(told(`__noinline int g(${type}p) { return 0; }\n`, "5.10")).toEqual(message("5.10"));
  expect(told("struct own { int x; };\n__noinline int g(struct own *p) { return 0; }\n", "5.6")).toEqual(
    message("5.6"),
  );
  for (const target of ["5.4", "5.12", "ubuntu-20.10"])
    expect(told("__noinline int g(int *p) { return 0; }\n", target)).toEqual([]);
});

test("results, from 5.6 to 7.0", () => {
  const message = (target: string) => [
    `g() is not static and returns nothing, which is not on ${target}: first in 7.1`,
  ];
  expect(told("__noinline void g(int x) {}\n", "5.10, 6.12")).toEqual(message("5.10, 6.12"));
  for (const target of ["5.4", "7.1"]) expect(told("__noinline void g(int x) {}\n", target)).toEqual([]);
  expect(told("__noinline void *g(int x) { return 0; }\n", "6.1")).toEqual([]);
});

test("silent about static and hidden functions, contexts, and what clang may inline", () => {
  for (const fn of [
    "static __noinline int g(int *p) { return 0; }",
    "static __noinline void g(int x) { }",
    "__hidden __noinline int g(int *p) { return 0; }",
    "__noinline int g(struct xdp_md *p) { return 0; }",
    "__noinline int g(struct pt_regs *p) { return 0; }",
    "__noinline int g(struct somewhere *p) { return 0; }",
    "int g(int *p) { return 0; }",
    "void g(int x) { }",
  ])
    expect(told(`${fn}\n`, "5.10")).toEqual([]);
  checkNoFindings(globalFunctionOnOldKernel, `__noinline int g(int *p) { return 0; }\n${program}`);
});

test("a weak function stays global", () => {
  const fixes = (fn: string) =>
    findingsIn(fn + program, [globalFunctionOnOldKernel], { target: "5.10" }).flatMap(({ fixes }) => fixes ?? []);
  expect(fixes("__noinline int g(int *p) { return 0; }\n")).toHaveLength(1);
  expect(fixes("__weak int g(int *p) { return 0; }\n")).toEqual([]);
});
