import { expect, test } from "vitest";
import { modelOf } from "../../support/check.ts";

const value = (expression: string, source = ""): number | undefined => {
  const found = modelOf(source).valueOf(expression);
  return found === undefined ? undefined : Number(found);
};

test("numbers in every spelling", () => {
  expect(["0", "42", "0x1F", "017", "0b101", "10ULL", "1'000", "'a'"].map((text) => value(text))).toEqual([
    0, 42, 31, 15, 5, 10, 1000, 97,
  ]);
});

test("operators bind as in C", () => {
  expect(value("2 + 3 * 4")).toBe(14);
  expect(value("(2 + 3) * 4")).toBe(20);
  expect(value("1 << 4 | 1")).toBe(17);
  expect(value("16 >> 2 == 4 && 1")).toBe(1);
  expect(value("-~0")).toBe(1);
  expect(value("!0 ? 7 : 8")).toBe(7);
  expect(value("10 - 2 - 3")).toBe(5);
  expect(value("6 & 3 ^ 1")).toBe(3);
});

test("macros, enumerators, casts and sizes", () => {
  const source =
    "#define BITS 4\n#define SIZE(n) ((n) << BITS)\nenum e { A = 5, B, C = A + 10, D };\nstruct s { u64 x; };";
  expect(value("SIZE(2) + D", source)).toBe(48);
  expect(value("B", source)).toBe(6);
  expect(value("(u32)3 * sizeof(struct s)", source)).toBe(24);
});

test("what is not constant has no value", () => {
  for (const text of ["", "x", "f(1)", "1 +", "1 / 0", "sizeof(struct nope)", "1 << 1000", "}"])
    expect(value(text)).toBeUndefined();
});

test("a definition in a circle ends without a value", () => {
  expect(value("A", "#define A B + 1\n#define B A + 1")).toBeUndefined();
  expect(value("A", "enum { A = B, B = A };")).toBeUndefined();
});
