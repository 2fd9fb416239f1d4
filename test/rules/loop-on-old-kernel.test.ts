import { expect, test } from "vitest";
import { loopOnOldKernel } from "../../server/src/analysis/rules/loop-on-old-kernel.ts";
import { checkFix, checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const program = (code: string) => `SEC("xdp")\nint f(struct xdp_md *ctx) {\n${code}\nreturn 0; }\n`;
const told = (source: string, target = "4.19") =>
  findingsIn(source, [loopOnOldKernel], { target }).map(({ severity, message }) => `${severity}: ${message}`);
const MAYBE = "hint: clang may leave this loop as it is, and loops are not on 4.19: first in 5.3";
const OPEN = "warning: how often this loop runs is not known before, and loops are not on 4.19: first in 5.3";

test("marks the keyword", () => {
  checkRule(
    loopOnOldKernel,
    `
SEC("xdp")
int f(void *ctx) {
    for (int i = 0; i < 16; i++) g(i);
//  ^^^ clang may leave this loop as it is, and loops are not on 4.19: first in 5.3
}
`,
    { target: "4.19, 5.3" },
  );
});

test("a constant number of times", () => {
  expect(told(program("for (int i = 0; i < 16; i++) g(i);"))).toEqual([MAYBE]);
  expect(told(`#define N 16\n${program("for (int i = N; i > 0; --i) g(i);")}`)).toEqual([MAYBE]);
  expect(told(program("for (int i = 0; i < 16 && i < n; i += 2) g(i);"))).toEqual([MAYBE]);
});

test("as often as the program finds out", () => {
  expect(told(program("for (int i = 0; i < ctx->data_end; i++) g(i);"))).toEqual([OPEN]);
});

test("silent about what clang unrolls, or may work out", () => {
  for (const code of [
    "#pragma unroll\nfor (int i = 0; i < 16; i++) g(i);",
    "#pragma clang loop unroll(full)\nfor (int i = 0; i < 16; i++) g(i);",
    "for (int i = 0; i < 4; i++) g(i);",
    "for (int i = 0; i < n; i++) g(i);",
    "for (int i = 0; i < ctx->data; i++) x += i;",
    "for (;;) { if (g()) break; }",
    "while (1) { if (g()) break; }",
    "while (p < end) p++;",
    "do { g(); } while (0);",
    "for (struct s *p = first; p; p = p->next) g(p);",
    "bpf_for(i, 0, 16) g(i);",
    "if (LINUX_KERNEL_VERSION > 1) for (int i = 0; i < 16; i++) g(i);",
  ])
    expect(told(program(code))).toEqual([]);
});

test("silent in functions that nobody calls, on newer kernels and without a target", () => {
  const loop = "for (int i = 0; i < 16; i++) g(i);";
  expect(told(`static void h(void) { ${loop} }\n${program("")}`)).toEqual([]);
  expect(told(`static void h(void) { ${loop} }\n${program("h();")}`)).toEqual([MAYBE]);
  expect(told(program(loop), "5.3")).toEqual([]);
  expect(told(program(loop), "rhel-8.6")).toEqual([]);
  checkNoFindings(loopOnOldKernel, program(loop));
});

test("a macro before it may be the pragma", () => {
  for (const before of ["__pragma_loop_unroll_full\n", "UNROLL ", '_Pragma("unroll")\n'])
    expect(told(program(`${before}for (int i = 0; i < 16; i++) g(i);`))).toEqual([]);
  expect(told(program("if (x) return 0; else for (int i = 0; i < 16; i++) g(i);"))).toEqual([MAYBE]);
});

test("a pragma needs a line of its own", () => {
  const source = program("if (ctx) for (int i = 0; i < 16; i++) g(i);");
  checkFix(loopOnOldKernel, source, source, { target: "4.19" });
});
