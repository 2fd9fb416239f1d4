/** What a verification cost, in a line, and how hot lines are. */

import { expect, test } from "vitest";
import { costPage } from "../../../server/src/analysis/verifier/cost-page.ts";
import { changeText, costText } from "../../../server/src/analysis/verifier/cost-text.ts";
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

const line = (number: number, visits: number, text: string) => ({ file: "x.bpf.c", line: number, text, visits });

test("lines are as hot as they are looked at beside the hottest", () => {
  const lines = [line(1, 1, "a"), line(2, 100, "b"), line(3, 30, "c"), line(4, 10, "d"), line(5, 0, "e")];
  expect(heatOf(lines).map((one) => [one.line, one.level, one.words])).toEqual([
    [1, 1, "looked at once, under 1 %"],
    [2, 4, "looked at 100 times, 71 %"],
    [3, 3, "looked at 30 times, 21 %"],
    [4, 2, "looked at 10 times, 7 %"],
  ]);
});

test("a line is compared with itself where it was before, by its words and their order", () => {
  const before = [line(1, 4, "x++;"), line(2, 8, "x++;")];
  const now = [line(11, 4, "x++;"), line(12, 6, "x++;")];
  expect(heatOf(now, before).map(({ words }) => words)).toEqual([
    "looked at 4 times, 40 %",
    "looked at 6 times, 60 %, before 8 times",
  ]);
});

test("the page has what was counted, beside before, and the hottest lines first", () => {
  const program = { name: "p", section: "xdp", verdict: "accepted", stats, answers: [], log: "" } as const;
  const lines = heatOf([line(1, 1, "a | b"), line(2, 100, "`")]).map((one) => ({ ...one, link: `l${one.line}` }));
  const page = costPage(program, { kernel: "Linux 6.1 on this machine", before: { processed: 1000 }, lines });
  expect(page).toContain("`xdp` is accepted by Linux 6.1 on this machine.");
  expect(page).toContain("| 1,234 of 1,000,000 | 23 % more than before (1,000) |");
  expect(page).toContain("| 72 + 16 bytes |");
  expect(page).toMatch(
    /\| l2 \| looked at 100 times, 99 % \| `` ` `` \|\n\| l1 \| looked at once, under 1 % \| `a \\\| b` \|/,
  );
});
