import { test } from "vitest";
import { globalFunctionSignature } from "../../server/src/analysis/rules/global-function-signature.ts";
import { checkFix, checkNoFindings, checkRule } from "../support/check.ts";

const program = (fn: string, call = "g(0)") => `${fn}\nSEC("tc")\nint f(void *ctx) { ${call}; return 0; }`;

test("what the verifier cannot look at by itself", () => {
  checkRule(
    globalFunctionSignature,
    `
__weak int a(const void *data) { return 0; }
//         ^ global function a() takes a void *, of no known size: the verifier refuses calls of it
__noinline int *b(void) { return 0; }
//              ^ global function b() gives a pointer: the verifier refuses calls of it
__noinline void c(int x) {}
//              ^ global function c() gives nothing: refused on 6.1
SEC("tc")
int f(void *ctx) { a(0); b(); c(1); return 0; }
`,
    { target: "6.1, 7.1" },
  );
  checkFix(
    globalFunctionSignature,
    program("__noinline int g(void *data) { return 0; }"),
    program("static __noinline int g(void *data) { return 0; }"),
  );
});

test("silent for what says enough, is not called or may be inlined", () => {
  for (const fn of [
    "__noinline int g(int *data) { return 0; }",
    "__noinline int g(void *ctx __arg_ctx) { return 0; }",
    "static __noinline void g(void *data) {}",
    "int g(void *data) { return 0; }",
    "__always_inline int g(void *data) { return 0; }",
    "__hidden __noinline int g(void *data) { return 0; }",
  ])
    checkNoFindings(globalFunctionSignature, program(fn));
  checkNoFindings(globalFunctionSignature, program("__noinline int g(void *data) { return 0; }", "h()"));
  checkNoFindings(globalFunctionSignature, program("__noinline void g(int x) {}"), { target: "7.1" });
});

test("a struct that is only declared", () => {
  checkRule(
    globalFunctionSignature,
    `
struct far;
struct near { int x; };
struct later;
__noinline int a(const struct far *far) { return far ? 1 : 0; }
//             ^ global function a() takes a struct far, which is only declared: the verifier refuses calls of it
__noinline int b(struct near *near) { return near ? 1 : 0; }
__noinline int c(struct later *later) { return later ? 1 : 0; }
__noinline int d(struct elsewhere *elsewhere) { return elsewhere ? 1 : 0; }
struct later { int x; };
SEC("tc")
int f(void *ctx) { a(0); b(0); c(0); d(0); return 0; }
`,
  );
  const text = "struct far;\n__noinline int g(struct far *far) { return far ? 1 : 0; }";
  checkNoFindings(globalFunctionSignature, `#include "own.h"\n${program(text)}`);
});
