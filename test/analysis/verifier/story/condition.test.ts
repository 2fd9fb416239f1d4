import { expect, test } from "vitest";
import { conditionHeld } from "../../../../server/src/analysis/verifier/story/condition.ts";
import { type Jump, operationOf } from "../../../../server/src/analysis/verifier/story/operation.ts";

const jump = (text: string): Jump => operationOf(`(00) if ${text} goto pc+1`) as Jump;

test.each([
  ["if (x > 10)", "r0 > 0xa", true, true],
  ["if (x > 10)", "r0 > 0xa", false, false],
  ["if (x > 10) {", "r0 <= 0xa", true, false],
  ["if (x > 10) /* ( */ // why: (", "r0 <= 0xa", true, false],
  ["if (x > 10)", "r0 < 0xb", true, false],
  ["if (x >= 10) return 1;", "r0 > 0x9", true, true],
  ["if (x < 100)", "r0 > 0x63", true, false],
  ["if (!value)", "r0 == 0x0", true, true],
  ["if (!value)", "r0 != 0x0", true, false],
  ["if (value)", "r0 == 0x0", true, false],
  ["if (e->next)", "r0 != 0x0", false, false],
  ["if (value == NULL)", "r6 == 0x0", true, true],
  ["if (unlikely(!value))", "r6 == 0x0", true, true],
  ["if (bpf_get_prandom_u32() > 10)", "r0 > 0xa", true, true],
  ["while (i < 5)", "r1 s> 0x4", true, false],
  ["if (index > 15)", "r1 s> 0xf", false, false],
])("%s, made into %s, taken %s: %s", (text, made, taken, held) => {
  expect(conditionHeld(text, jump(made), taken)).toBe(held);
});

test.each([
  ["if (a > 10 && b > 10)", "r0 > 0xa"],
  ["if (a || b)", "r0 != 0x0"],
  ["if (x > 10)", "r0 > 0xb"],
  ["if (x == 3)", "r0 > 0x63"],
  ["if (x > y)", "r0 > r1"],
  ["if (x & 4)", "r0 != 0x0"],
  ["x = y > 10;", "r0 > 0xa"],
  ["if (x > 10", "r0 > 0xa"],
  ["if ((x == 1) == 0)", "r0 == 0x0"],
  ["", "r0 == 0x0"],
])("%s and %s say nothing surely", (text, made) => {
  expect(conditionHeld(text, jump(made), true)).toBeUndefined();
});
