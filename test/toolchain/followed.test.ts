/** Marks stay with their text while that is edited. */

import { expect, test } from "vitest";
import { followed } from "../../server/src/toolchain/followed.ts";

/** The marked text, `[x]`, after what stands between two offsets was replaced. */
function after(marked: string, from: string, to: string): string | undefined {
  const start = marked.indexOf("[");
  const end = marked.indexOf("]") - 1;
  const text = marked.replace("[", "").replace("]", "");
  const at = text.indexOf(from);
  const position = (offset: number, of: string) => {
    const before = of.slice(0, offset).split("\n");
    return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  };
  const change = { range: { start: position(at, text), end: position(at + from.length, text) }, text: to };
  const range = followed({ start: position(start, text), end: position(end, text) }, [change]);
  if (range === undefined) return undefined;
  const now = text.slice(0, at) + to + text.slice(at + from.length);
  const lines = now.split("\n");
  const offset = ({ line, character }: { line: number; character: number }) =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return `${now.slice(0, offset(range.start))}[${now.slice(offset(range.start), offset(range.end))}]${now.slice(offset(range.end))}`;
}

test.each([
  ["a line above", "a\n[x y]\nb", "a\n", "a\nnew\n", "a\nnew\n[x y]\nb"],
  ["a line above goes", "a\nb\n[x y]", "a\n", "", "b\n[x y]"],
  ["words before it on its line", "\t[x y]", "\t", "\tif (v) ", "\tif (v) [x y]"],
  ["a line break before it", "\t[x y]", "\t", "\tif (v)\n\t\t", "\tif (v)\n\t\t[x y]"],
  ["inside of it", "[x y]", "x", "xxx", "[xxx y]"],
  ["a line break inside of it", "[x y] z", " y", "\ny", "[x\ny] z"],
  ["behind it", "[x y] z", " z", " q", "[x y] q"],
  ["its beginning, with what is before", "ab [xx y]", "b x", "Q", "aQ[x y]"],
  ["its end, with what is behind", "[x yy] z", "y z", "Q", "[x y]Q"],
  ["a line below", "[x y]\nb", "b", "c\nd", "[x y]\nc\nd"],
])("%s", (_, marked, from, to, expected) => {
  expect(after(marked, from, to)).toBe(expected);
});

test("what is deleted as a whole is gone", () => {
  expect(after("a\n[x y]\nb", "a\nx y\n", "")).toBe(undefined);
});

test("a mark of no length stays", () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const change = { range, text: "// new\n" };
  expect(followed(range, [change])).toEqual({ start: { line: 1, character: 0 }, end: { line: 1, character: 0 } });
});
