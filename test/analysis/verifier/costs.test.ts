import { basename } from "node:path";
import { expect, test } from "vitest";
import { openObject } from "../../../server/src/analysis/object/open.ts";
import { type Costs, compareCosts, costsOf, type LineCost } from "../../../server/src/analysis/verifier/costs.ts";
import { changesText, costsText } from "../../../server/src/analysis/verifier/costs-text.ts";
import { bytesOf, compiled } from "../../support/objects.ts";

const SOURCE = `
#define SEC(name) __attribute__((section(name), used))
static unsigned (*bpf_get_prandom_u32)(void) = (void *) 7;
static __attribute__((noinline)) int called(int x)
{
	return x * 3;
}
SEC("xdp") int one(void *ctx)
{
	int x = bpf_get_prandom_u32();
	return called(x);
}
SEC("tc") int two(void *ctx)
{
	return called(7);
}
`;

test("what is called by two programs is counted for both", (ctx) => {
  const open = openObject(bytesOf(compiled(SOURCE, ["-g"], ctx)));
  const [one = 0, two = 0, called = 0] = ["one", "two", "called"].map(
    (name) => open.functions.find((each) => each.name === name)?.length,
  );
  const visits = (own: number, times: number): readonly number[] => [
    ...Array<number>(own).fill(1),
    ...Array<number>(called).fill(times),
  ];
  const costs = costsOf(open, [
    { program: "one", visits: visits(one, 5) },
    { program: "two", visits: visits(two, 2) },
    { program: "unknown", visits: [] },
    { program: "one" },
  ]);
  expect(costs.processed).toBe(one + two + 7 * called);
  const [first] = costs.lines;
  expect(first).toMatchObject({ text: "return x * 3;", visits: 5, functions: ["called"] });
  expect([...(first?.programs ?? [])].sort()).toEqual(["one", "two"]);
  expect(costs.lines.reduce((sum, { processed }) => sum + processed, 0)).toBe(costs.processed);
  expect(costs.lines.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  expect(costsText(costs, basename, 1).split("\n")[1]).toMatch(
    /^ {2}\d+\.\d % {2}\d+ instructions in 5 visits {2}source-\d+\.bpf\.c:6 {2}return x \* 3;$/,
  );
});

const line = (number: number, text: string, processed: number): LineCost => ({
  file: "/src/x.bpf.c",
  line: number,
  text,
  processed,
  share: 0,
  visits: 1,
  programs: ["one"],
  functions: ["one"],
});
const costs = (...lines: readonly LineCost[]): Costs => ({
  processed: lines.reduce((sum, { processed }) => sum + processed, 0),
  lines,
});

test("lines are the same by their text, wherever they have moved to", () => {
  const before = costs(line(10, "a();", 4), line(12, "b();", 9), line(14, "a();", 1), line(16, "gone();", 2));
  const after = costs(line(11, "a();", 4), line(13, "b();", 90), line(15, "a();", 3), line(17, "fresh();", 5));
  const changes = compareCosts(before, after);
  expect(changes.map((one) => [one.line.line, one.before, one.after])).toEqual([
    [13, 9, 90],
    [17, undefined, 5],
    [15, 1, 3],
    [16, 2, undefined],
  ]);
  expect(changesText(changes, basename, 2)).toBe(`instructions looked at, since the last run:
  +81  9 to 90  x.bpf.c:13  b();
   +5  new      x.bpf.c:17  fresh();`);
  expect(compareCosts(after, after)).toEqual([]);
  expect(changesText([], basename)).toBe("");
});
