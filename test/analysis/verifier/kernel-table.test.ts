/** Several kernels' answers as rows, a table and a page. */

import { expect, test } from "vitest";
import type { Answer, ProgramAnswer } from "../../../server/src/analysis/verifier/answer.ts";
import { kernelPage } from "../../../server/src/analysis/verifier/kernel-page.ts";
import {
  differing,
  type KernelColumn,
  kernelRows,
  kernelTable,
} from "../../../server/src/analysis/verifier/kernel-table.ts";

const answer: Answer = {
  said: "R0 invalid mem access 'a|b'\nand more",
  by: "verifier",
  family: undefined,
  class: "source",
  title: "May be NULL",
  meaning: "",
  advice: "",
  place: { file: "/src/x.bpf.c", line: 7 },
  story: [],
  rules: [],
};
const program = (name: string, answers: readonly Answer[] = [], processed?: number): ProgramAnswer => ({
  name,
  section: "xdp",
  verdict: answers.length > 0 ? "refused" : "accepted",
  stats: processed === undefined ? undefined : { processed },
  answers,
  log: "",
});
const old: KernelColumn = {
  kernel: "older",
  release: "6.1.0",
  programs: [program("one", [answer], 7), program("two", [], 3)],
  answers: [],
};
const here: KernelColumn = {
  kernel: "6.18.1",
  release: "6.18.1",
  programs: [program("one", [], 11), program("two", [], 3)],
  answers: [],
};
const gone: KernelColumn = {
  kernel: "gone",
  release: undefined,
  programs: [],
  answers: [],
  problem: "No luck.\nAt all.",
};

test("programs stand together, kernels below each other", () => {
  expect(kernelTable(kernelRows([old, here, gone])).split("\n")).toEqual([
    "| Program | Kernel | Release | Verdict  | Instructions | Place     | First message                  |",
    "| ------- | ------ | ------- | -------- | -----------: | --------- | ------------------------------ |",
    "| one     | older  | 6.1.0   | refused  |            7 | x.bpf.c:7 | `R0 invalid mem access 'a\\|b'` |",
    "|         | 6.18.1 |         | accepted |           11 |           |                                |",
    "|         | gone   |         | unknown  |              |           | `No luck.`                     |",
    "| two     | older  | 6.1.0   | accepted |            3 |           |                                |",
    "|         | 6.18.1 |         | accepted |            3 |           |                                |",
    "|         | gone   |         | unknown  |              |           | `No luck.`                     |",
  ]);
});

test("on what kernels differ", () => {
  expect([...differing(kernelRows([old, here]))]).toEqual(["one"]);
  expect([...differing(kernelRows([here, here]))]).toEqual([]);
});

test("where attaching was tried, that it failed is a difference", () => {
  const attached = { ...program("one"), attaching: { outcome: "attached", answers: [] } } as const;
  const not = { ...program("one"), attaching: { outcome: "refused", answers: [answer] } } as const;
  const rows = kernelRows([
    { ...old, programs: [attached] },
    { ...here, programs: [not] },
  ]);
  expect(kernelTable(rows).split("\n").slice(2)).toEqual([
    "| one     | older  | 6.1.0   | accepted, attached     |           |                                |",
    "|         | 6.18.1 |         | accepted, not attached | x.bpf.c:7 | `R0 invalid mem access 'a\\|b'` |",
  ]);
  expect([...differing(rows)]).toEqual(["one"]);
});

test("an object that no kernel could be given is a row of its own", () => {
  const unopened = { ...old, programs: [], answers: [answer] };
  const [row] = kernelRows([unopened]);
  expect(row).toMatchObject({ program: "", verdict: "refused", message: "R0 invalid mem access 'a|b'" });
});

test("the page says once what several say alike", () => {
  const page = kernelPage("x.bpf.c", [old, { ...old, kernel: "oldest" }, here, gone], ({ line }) => `[line](${line})`);
  expect(page).toContain("# x.bpf.c on 4 kernels\n\nThe kernels differ on `one`.\n");
  expect(page).toContain("## gone could not be asked\n\nNo luck.\nAt all.\n");
  expect(page.match(/^## May be NULL$/gm)).toHaveLength(1);
  expect(page).toContain("## May be NULL\n\nOn older, oldest.\n\n[line](7)");
});
