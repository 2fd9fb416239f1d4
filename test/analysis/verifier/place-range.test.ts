/** What is underlined for a place that a log or an object names. */

import { expect, test } from "vitest";
import { placeRange } from "../../../server/src/analysis/verifier/place-range.ts";

const lines = [
  "int f(void)",
  "{",
  "\t*size += 1;",
  "\tfor (int i = 0; i < n; i++) {",
  "\tx = 1; y = 2;",
  "\treturn 0;",
  "}",
];

function underlined(place: Parameters<typeof placeRange>[0], of = lines): string | undefined {
  const { start, end } = placeRange(place, of);
  return of[start.line]?.slice(start.character, end.character);
}

test("all of the statement that the column is in", () => {
  expect(underlined({ line: 3, column: 8 })).toBe("*size += 1");
  expect(underlined({ line: 4, column: 20 })).toBe("i < n");
  expect(underlined({ line: 5, column: 11 })).toBe("y = 2");
});

test("all that stands on the line without a column, or with one that is not on it", () => {
  expect(underlined({ line: 3 })).toBe("*size += 1;");
  expect(underlined({ line: 3, column: 2 })).toBe("*size += 1;");
  expect(underlined({ line: 3, column: 900 })).toBe("*size += 1;");
});

test("columns count bytes", () => {
  expect(underlined({ line: 1, column: 13 }, ['f("äö€"); *g += 1;'])).toBe('f("äö€")');
  expect(underlined({ line: 1, column: 18 }, ['f("äö€"); *g += 1;'])).toBe("*g += 1");
});

test("a line that has moved is found by its words, the nearest first", () => {
  expect(underlined({ line: 5, text: "*size += 1;" })).toBe("*size += 1;");
  expect(placeRange({ line: 6, text: "same" }, ["same", "", "", "same", "", "", "", "x"]).start.line).toBe(3);
});

test("lines that the text does not have are its last", () => {
  expect(placeRange({ line: 99 }, lines).start.line).toBe(6);
  expect(placeRange({ line: 0 }, [])).toEqual({ start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
});
