/** What literals come to: numbers, characters, the bytes of strings. */

import { expect, test } from "vitest";
import { characterValue, numberOf, stringSize } from "../../../server/src/analysis/syntax/literals.ts";

test("integers in every base, with suffixes and separators", () => {
  const values = {
    0: 0n,
    42: 42n,
    "0x1F": 31n,
    "0b101": 5n,
    "017": 15n,
    "1'000": 1000n,
    "0xffffffffffffffffULL": 2n ** 64n - 1n,
  };
  for (const [text, value] of Object.entries(values)) expect(numberOf(text).value, text).toBe(value);
  expect(numberOf("1UL").suffix).toBe("ul");
  expect(numberOf("5").suffix).toBe("");
});

test("what is no integer has no value", () => {
  for (const text of ["1.5", "1e3", "1.5f", "09", "0x", "1...3", "9".repeat(100)]) {
    expect(numberOf(text).value, text).toBeUndefined();
  }
});

test("characters, whose sign is that of a char", () => {
  const values = { "'a'": 97n, "'\\n'": 10n, "'\\0'": 0n, "'\\x41'": 65n, "'\\377'": -1n, "'\\''": 39n, "'\\\\'": 92n };
  for (const [text, value] of Object.entries(values)) expect(characterValue(text), text).toBe(value);
  expect(characterValue("'ab'")).toBeUndefined();
});

test("strings are as long as their bytes", () => {
  const sizes = {
    '""': 0,
    '"abc"': 3,
    '"a\\n"': 2,
    '"\\x41\\101\\0"': 3,
    '"é"': 2,
    '"€"': 3,
    '"😀"': 4,
    '"\\u20ac"': 3,
    '"\\"': 1,
  };
  for (const [text, size] of Object.entries(sizes)) expect(stringSize(text), text).toBe(size);
});
