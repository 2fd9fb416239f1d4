import { expect, test } from "vitest";
import { callOnOldKernel } from "../../server/src/analysis/rules/call-on-old-kernel.ts";
import { checkNoFindings, findingsIn } from "../support/check.ts";

const program = (code: string) => `SEC("xdp")\nint f(void *ctx) { ${code} return 0; }\n`;
const told = (source: string, target = "4.14") =>
  findingsIn(source, [callOnOldKernel], { target }).map(({ message }) => message);

test("functions that clang may not inline", () => {
  const message = ["g() is not inlined, and calls of functions are not on 4.14: first in 4.16"];
  for (const head of [
    "static __noinline int",
    "__noinline int",
    "__attribute__((noinline)) static int",
    "__weak int",
    "static int __attribute__((noinline))",
  ])
    expect(told(`${head} g(int x) { return x; }\n${program("g(1);")}`)).toEqual(message);
});

test("silent about what clang may inline, what nobody calls, and newer kernels", () => {
  const call = program("g(1);");
  checkNoFindings(callOnOldKernel, `static int g(int x) { return x; }\n${call}`, { target: "4.14" });
  checkNoFindings(callOnOldKernel, `int g(int x) { return x; }\n${call}`, { target: "4.14" });
  checkNoFindings(callOnOldKernel, `static __always_inline int g(int x) { return x; }\n${call}`, { target: "4.14" });
  const kept = "static __noinline int g(int x) { return x; }\n";
  checkNoFindings(callOnOldKernel, `${kept}${program("")}`, { target: "4.14" });
  checkNoFindings(callOnOldKernel, `const volatile int v;\n${kept}${program("if (v) g(1);")}`, { target: "4.14" });
  checkNoFindings(callOnOldKernel, `#ifdef NEW\n${kept}#endif\n${call}`, { target: "4.14" });
  checkNoFindings(callOnOldKernel, kept + call, { target: "4.16" });
  checkNoFindings(callOnOldKernel, kept + call);
  checkNoFindings(callOnOldKernel, kept + call, { target: "amazon-2-4.14" });
});

test("a program under __noinline is none", () => {
  checkNoFindings(callOnOldKernel, 'SEC("xdp")\n__noinline int f(void *ctx) { return 0; }', { target: "4.14" });
});
