import { expect, test } from "vitest";
import { applyEdits, linesOf } from "../../server/src/analysis/text.ts";

test("positions and offsets agree for every offset, whatever ends the lines", () => {
  for (const text of ["a\nbc\n", "a\r\nbc\r\n", "a\rbc", "", "\n", "𝒳\r\n𝒴 x"]) {
    const lines = linesOf(text);
    for (let offset = 0; offset <= text.length; offset++) {
      // Between \r and \n there is no position: it belongs to the end of the line before.
      const expected = text[offset - 1] === "\r" && text[offset] === "\n" ? offset - 1 : offset;
      expect(lines.offsetAt(lines.positionAt(offset))).toBe(expected);
    }
  }
});

test("characters are UTF-16 units", () => {
  expect(linesOf("𝒳x").positionAt(2)).toEqual({ line: 0, character: 2 });
});

test("a position past the end of a line stays on the line", () => {
  expect(linesOf("ab\ncd").offsetAt({ line: 0, character: 99 })).toBe(2);
});

test("a line past the end is the end of the text", () => {
  expect(linesOf("ab").offsetAt({ line: 7, character: 0 })).toBe(2);
});

test("edits apply together, in any order", () => {
  const at = (start: number, end: number, newText: string) => ({
    range: { start: { line: 0, character: start }, end: { line: 0, character: end } },
    newText,
  });
  expect(applyEdits("one two three", [at(8, 13, "3"), at(0, 3, "1")])).toBe("1 two 3");
});
