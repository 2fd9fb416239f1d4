import { expect, test } from "vitest";
import { tailCallBesideCalls } from "../../server/src/analysis/rules/tail-call-beside-calls.ts";
import { findingsIn } from "../support/check.ts";

const KEPT = "static __noinline int g(int x) { return x; }\n";
const program = (code: string, name = "f") => `SEC("xdp")\nint ${name}(void *ctx) { ${code} return 0; }\n`;
const told = (source: string, target = "5.4") =>
  findingsIn(source, [tailCallBesideCalls], { target }).map(({ message }) => message);

test("in one program, or in the function that it calls", () => {
  const message = ["tail calls in a program that also calls g() are not on 5.4: first in 5.10"];
  expect(told(KEPT + program("g(1); bpf_tail_call(ctx, &m, 1);"))).toEqual(message);
  expect(told(KEPT + program("g(1); bpf_tail_call_static(ctx, &m, 1);"))).toEqual(message);
  expect(
    told(`static __noinline int g(void *ctx) { bpf_tail_call(ctx, &m, 1); return 0; }\n${program("g(ctx);")}`),
  ).toEqual(message);
});

test("silent where they are in different programs, inlined, guarded, or the kernel does not mind", () => {
  const both = KEPT + program("g(1); bpf_tail_call(ctx, &m, 1);");
  expect(told(KEPT + program("g(1);", "a") + program("bpf_tail_call(ctx, &m, 1);", "b"))).toEqual([]);
  expect(told(both.replace("__noinline", "__always_inline"))).toEqual([]);
  expect(told(both.replace("__noinline ", ""))).toEqual([]);
  expect(told(both.replace("bpf_tail", "if (USE_TAIL_CALLS) bpf_tail"))).toEqual([]);
  expect(told(both, "5.10")).toEqual([]);
  // There the call itself is what is wrong.
  expect(told(both, "4.14")).toEqual([]);
});
