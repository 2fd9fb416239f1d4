/** What a verification cost, in a line, and how hot lines are. */

import { expect, test } from "vitest";
import { costPage } from "../../../server/src/analysis/verifier/cost-page.ts";
import { changeText, costText } from "../../../server/src/analysis/verifier/cost-text.ts";
import type { Costs } from "../../../server/src/analysis/verifier/costs.ts";
import { heatOf } from "../../../server/src/analysis/verifier/heat.ts";

const stats = {
  processed: 1234,
  limit: 1000000,
  totalStates: 12,
  peakStates: 9,
  stackDepth: [72, 16],
  verificationMicroseconds: 412,
};

test("what is known, in the order of what matters", () => {
  expect(costText(stats)).toBe("1,234 of 1,000,000 instructions · 12 states · stack 72 + 16 bytes · 412 µs");
  expect(costText({ processed: 1 })).toBe("1 instruction");
  expect(costText({ verificationMicroseconds: 2_345_678 })).toBe("2.3 s");
  expect(costText({})).toBe(undefined);
});

test.each([
  [880, 1000, "12 % less than before"],
  [1120, 1000, "12 % more than before"],
  [1001, 1000, "under 1 % more than before"],
  [50_000, 1000, "50 times as much as before"],
  [1000, 1000, undefined],
  [1000, undefined, undefined],
  [1000, 0, undefined],
])("%s beside %s", (now, before, words) => {
  expect(changeText(now, before)).toBe(words);
});

/** Of `processed` instructions in all. */
function costs(...lines: readonly (readonly [line: number, processed: number, text: string])[]): Costs {
  const processed = lines.reduce((sum, [, own]) => sum + own, 0);
  const programs = { programs: ["p"], functions: ["p"] };
  return {
    processed,
    lines: lines.map(([line, own, text]) => {
      return {
        file: "x.bpf.c",
        line,
        text,
        processed: own,
        share: own / processed,
        visits: Math.ceil(own / 2),
        ...programs,
      };
    }),
  };
}

test("lines are as hot as they cost beside the hottest", () => {
  const lines = costs([2, 100, "b"], [3, 30, "c"], [4, 10, "d"], [1, 1, "a"]);
  expect(heatOf(lines).map((one) => [one.line, one.level, one.words])).toEqual([
    [2, 4, "50 times, 100 instructions, 71 % of all"],
    [3, 3, "15 times, 30 instructions, 21 % of all"],
    [4, 2, "5 times, 10 instructions, 7 % of all"],
    [1, 1, "once, 1 instruction, under 1 % of all"],
  ]);
});

test("a line is compared with itself where it was before, by its words and their order", () => {
  const before = costs([1, 4, "x++;"], [2, 8, "x++;"]);
  const now = costs([11, 4, "x++;"], [12, 6, "x++;"]);
  expect(heatOf(now, before).map(({ words }) => words)).toEqual([
    "2 times, 4 instructions, 40 % of all",
    "3 times, 6 instructions, 60 % of all, 8 before",
  ]);
});

test("of a short program no line is hot", () => {
  expect(heatOf(costs([1, 3, "a"], [2, 2, "b"])).map(({ level }) => level)).toEqual([1, 1]);
});

test("nothing was counted: nothing is hot", () => {
  expect(heatOf({ processed: 0, lines: [] })).toEqual([]);
});

test("the page has what was counted, beside before, and the lines with where they are", () => {
  const program = { name: "p", section: "xdp", verdict: "accepted", stats, answers: [], log: "" } as const;
  const lines = heatOf(costs([2, 100, "`"], [1, 1, "a | b"])).map((one) => ({ ...one, link: `l${one.line}` }));
  const page = costPage(program, { kernel: "Linux 6.1 on this machine", before: { processed: 1000 }, lines });
  expect(page).toContain("`xdp` is accepted by Linux 6.1 on this machine.");
  expect(page).toContain("| 1,234 of 1,000,000 | 23 % more than before (1,000) |");
  expect(page).toContain("| 72 + 16 bytes |");
  expect(page).toContain("| l2 | 50 times, 100 instructions, 99 % of all | `` ` `` |\n| l1 |");
  expect(page).toContain("| `a \\| b` |");
});
