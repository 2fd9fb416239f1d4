import { expect, test } from "vitest";
import { callsTooDeep } from "../../server/src/analysis/rules/calls-too-deep.ts";
import { findingsIn } from "../support/check.ts";

const told = (functions: string, body = "return g(1);") =>
  findingsIn(`${functions}\nSEC("tc")\nint f(struct __sk_buff *skb)\n{\n\t${body}\n}\n`, [callsTooDeep]).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
/** f1 calls nobody, each other one the one before it. */
const chain = (count: number, head = "__noinline") =>
  Array.from(
    { length: count },
    (_, i) => `${head} int f${i + 1}(int x) { return ${i === 0 ? "x" : `f${i}(x) + 1`}; }`,
  ).join("\n");

test("functions that call themselves", () => {
  expect(told("static int g(int x)\n{\n\tint y = g(x - 1);\n\treturn y ^ 5;\n}")).toEqual([
    "error: g() calls itself: the verifier refuses the program",
  ]);
  expect(
    told("static int g(int x);\nstatic int h(int x) { return g(x); }\nstatic int g(int x) { return h(x) ^ 3; }"),
  ).toEqual(["error: h() calls g(), which has called it: the verifier refuses the program"]);
  // clang may make a loop of it.
  expect(told("static int g(int x) { return x ? g(x - 1) : 0; }")).toEqual([
    "hint: g() calls itself: the verifier refuses the program",
  ]);
});

test("more than eight deep", () => {
  expect(told(chain(8), "return f8(1);")).toEqual([
    "error: f8() goes 9 functions deep, 8 are allowed: the verifier refuses the program",
  ]);
  expect(told(chain(7), "return f7(1);")).toEqual([]);
  // What is inlined takes no frame.
  expect(told(chain(12, "static __always_inline"), "return f12(1);")).toEqual([]);
  expect(told(chain(12, "static"), "return f12(1);")).toEqual([]);
});

test("silent about functions that no program calls", () => {
  expect(told("static int g(int x) { return x; }\nstatic int h(int x) { int y = h(x); return y ^ 1; }")).toEqual([]);
  expect(told("static int g(int x) { return x; }\n", "return g(g(1));")).toEqual([]);
});
