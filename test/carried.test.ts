/** Findings that wait until typing rests, and where they stand meanwhile. */

import { expect, test } from "vitest";
import { rules } from "../server/src/analysis/rules/index.ts";
import { linesOf, type Range } from "../server/src/analysis/text.ts";
import { carried } from "../server/src/carried.ts";

const [rule] = rules;
if (rule === undefined) throw new Error("no rules");

const BEFORE = "one\ntwo three\nfour\n";

/** Where a finding on `three`, which came about on `one`, stands in another text. */
function moved(text: string): readonly (readonly string[])[] {
  const lines = linesOf(BEFORE);
  const at = (word: string): Range => {
    const start = BEFORE.indexOf(word);
    return lines.rangeOf({ start, end: start + word.length });
  };
  const related = [{ range: at("one"), message: "it comes from here" }];
  const finding = { range: at("three"), message: "wrong", rule: rule?.meta, severity: "error" as const, related };
  const now = linesOf(text);
  const shown = ({ start, end }: Range): string => text.slice(now.offsetAt(start), now.offsetAt(end));
  return carried({ text: BEFORE, lines, findings: [finding as never] }, text, now).map(
    ({ range, related: places = [] }) => [shown(range), ...places.map((place) => shown(place.range))],
  );
}

test.each([
  ["nothing was typed", BEFORE, [["three", "one"]]],
  ["something above", `zero\n${BEFORE}`, [["three", "one"]]],
  ["something between", "one\nnew\ntwo three\nfour\n", [["three", "one"]]],
  ["something before it in its line", "one\ntwo and three\nfour\n", [["three", "one"]]],
  ["something below", "one\ntwo three\nfour five\n", [["three", "one"]]],
  ["a line above is taken out", "one\nthree\nfour\n", [["three", "one"]]],
  ["it is typed into", "one\ntwo thr ee\nfour\n", []],
  ["it is taken out", "one\nfour\n", []],
  ["where it comes from is typed into", "on e\ntwo three\nfour\n", [["three"]]],
  ["everything is taken out", "", []],
])("%s", (_, text, expected) => {
  expect(moved(text)).toEqual(expected);
});
