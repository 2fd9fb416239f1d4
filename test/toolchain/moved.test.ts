/** Where a problem is after the text was edited. */

import { expect, test } from "vitest";
import { type Change, moved } from "../../server/src/toolchain/moved.ts";

const range = (line: number, from: number, endLine: number, to: number) => ({
  start: { line, character: from },
  end: { line: endLine, character: to },
});
const change = (line: number, from: number, endLine: number, to: number, text: string): Change => ({
  range: range(line, from, endLine, to),
  text,
});

const PROBLEM = range(5, 2, 5, 7);

test.each<[string, readonly Change[], number | undefined]>([
  ["lines below", [change(6, 0, 9, 3, "x\ny\n")], 5],
  ["a line more above", [change(1, 0, 1, 0, "new\n")], 6],
  ["two lines less above", [change(1, 3, 3, 3, "")], 3],
  ["words above", [change(4, 0, 4, 9, "other")], 5],
  ["a line put right before", [change(5, 0, 5, 0, "int x;\n")], 6],
  ["the line before taken away", [change(4, 0, 5, 0, "")], 4],
  ["the line itself", [change(5, 9, 5, 9, ";")], undefined],
  ["words put at its start", [change(5, 0, 5, 0, "static ")], undefined],
  ["the line before joined to it", [change(4, 3, 5, 0, "")], undefined],
  ["everything", [change(0, 0, 99, 0, "")], undefined],
  ["a line broken in its midst", [change(5, 4, 5, 4, "\n")], undefined],
  ["several places, the last first", [change(8, 0, 8, 1, "a"), change(3, 0, 3, 0, "\n\n"), change(0, 0, 1, 0, "")], 6],
])("%s", (_, changes, line) => {
  expect(moved(PROBLEM, changes)).toEqual(line === undefined ? undefined : range(line, 2, line, 7));
});
