import { expect, test } from "vitest";
import { atomicOnOldKernel } from "../../server/src/analysis/rules/atomic-on-old-kernel.ts";
import { checkNoFindings, checkRule, findingsIn } from "../support/check.ts";

const inProgram = (code: string) => `long x;\nSEC("xdp")\nint f(void *ctx) { long y; ${code} return 0; }\n`;
const told = (code: string, target = "5.10") =>
  findingsIn(inProgram(code), [atomicOnOldKernel], { target }).map(({ message }) => message);

test("marks the operation", () => {
  checkRule(
    atomicOnOldKernel,
    `
SEC("xdp")
int f(void *ctx) { return __sync_fetch_and_add(&x, 1); }
//                        ^^^^^^^^^^^^^^^^^^^^ the result of __sync_fetch_and_add() needs an atomic instruction that is not on 5.10: first in 5.12
`,
    { target: "5.10, 5.12" },
  );
});

test("adding is fine as long as nobody looks at the result", () => {
  for (const code of [
    "__sync_fetch_and_add(&x, 1);",
    "__sync_fetch_and_sub(&x, 1);",
    "(void)__sync_fetch_and_add(&x, 1);",
    "if (ctx) __sync_fetch_and_add(&x, 1);",
    "__atomic_fetch_add(&x, 1, __ATOMIC_RELAXED); /* y = */ __sync_fetch_and_add(&x, 1);",
  ])
    expect(told(code)).toEqual([]);
  for (const code of [
    "y = __sync_fetch_and_add(&x, 1);",
    "y += 1 + __sync_fetch_and_sub(&x, 1);",
    "if (__sync_add_and_fetch(&x, 1) > 3) return 1;",
    "y = __atomic_fetch_add(&x, 1, __ATOMIC_RELAXED);",
  ])
    expect(told(code)).toHaveLength(1);
});

test("others need it always", () => {
  for (const call of [
    "__sync_fetch_and_or(&x, 1)",
    "__sync_val_compare_and_swap(&x, 1, 2)",
    "__sync_lock_test_and_set(&x, 1)",
    "__atomic_exchange_n(&x, 1, 0)",
  ])
    expect(told(`${call};`)).toEqual([
      `${call.split("(")[0]}() needs an atomic instruction that is not on 5.10: first in 5.12`,
    ]);
});

test("silent behind guards, in functions that nobody calls, and without a target", () => {
  expect(
    told("if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_check_mtu)) __sync_fetch_and_or(&x, 1);"),
  ).toEqual([]);
  checkNoFindings(atomicOnOldKernel, "static void g(void) { __sync_fetch_and_or(&x, 1); }", { target: "5.10" });
  checkNoFindings(atomicOnOldKernel, inProgram("__sync_fetch_and_or(&x, 1);"));
});
