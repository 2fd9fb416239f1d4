/** Each figure in a chain of reasons is one of the knowledge base, read here in another way than the analysis reads it. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Feature } from "../../../server/src/analysis/knowledge/supports.ts";
import type { Interval, KnowledgeJson } from "../../../server/src/analysis/knowledge/types.ts";
import type { FileMinimum } from "../../../server/src/analysis/minimum/minimum.ts";
import type { Reason } from "../../../server/src/analysis/minimum/reasons.ts";
import { rules } from "../../../server/src/analysis/rules/index.ts";
import { kb, minimumIn } from "../../support/check.ts";
import { root } from "../../support/paths.ts";
import { templates } from "../../support/snippets.ts";

const FOLDERS = ["test/kernel/minimums", "test/kernel/refusals", "test/example"].map((path) => join(root, path));
/** A checkout of bcc's tools, or anything else with sources in it. */
const TOOLS = process.env["HOOKPOINT_CORPUS"];

const KINDS: Readonly<Record<string, keyof KnowledgeJson>> = {
  helper: "helpers",
  kfunc: "kfuncs",
  ability: "abilities",
  flag: "flags",
  "map-type": "mapTypes",
  "program-type": "programTypes",
  "attach-type": "attachTypes",
};

interface Fact extends Partial<Interval> {
  readonly name: string;
  readonly allowed?: readonly (Interval & { readonly in: readonly string[] })[];
}

test("our own sources, and the examples of all rules", () => {
  const examples = rules.flatMap(({ meta }) => meta.examples.flatMap(({ bad, good }) => [bad, good]));
  const sources = [...examples, ...templates().map(({ source }) => source), ...FOLDERS.flatMap(textsIn)];
  const checked = sources.map((source) => check(minimumIn(source))).reduce((a, b) => a + b);
  expect(checked).toBeGreaterThan(1000);
});

// Asked for by who has such sources: others have nothing to skip.
if (TOOLS !== undefined)
  test("the sources in HOOKPOINT_CORPUS", () => {
    const checked = textsIn(TOOLS).map((source) => check(minimumIn(source)));
    expect(checked.reduce((a, b) => a + b)).toBeGreaterThan(100);
  });

function textsIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".bpf.c"));
  return names.map((name) => readFileSync(join(folder, name), "utf8"));
}

/** @returns how many reasons were looked at */
function check({ programs, ...file }: FileMinimum): number {
  for (const { reasons, release } of [file, ...programs]) {
    for (const reason of reasons) checkReason(reason);
    const figures = reasons.map(({ since }) => since);
    const highest = figures.includes(undefined)
      ? undefined
      : figures
          .map((text) => text ?? "")
          .sort(byNumbers)
          .at(-1);
    expect(release).toBe(highest);
  }
  return file.reasons.length;
}

function byNumbers(a: string, b: string): number {
  const [left = [], right = []] = [a, b].map((text) => text.split(".").map(Number));
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}

function checkReason({ asks, what, since, maybe, remark, source }: Reason): void {
  const intervals = "kind" in asks ? stated(asks, remark) : asks.intervals;
  const said = intervals.flatMap((interval) => [interval.since, interval.maybe]);
  // What is in no release has no figure.
  if (since === undefined) expect(intervals.filter(({ until }) => until === undefined)).toEqual([]);
  else expect(said, what).toContain(since);
  if (maybe !== undefined) expect(intervals.map((interval) => interval.maybe)).toContain(maybe);
  expect(source.length, what).toBeGreaterThan(0);
}

/** What the generated file says, of the older helper where a loader puts that in its place. */
function stated({ kind, name, program }: Feature, remark = ""): readonly Partial<Interval>[] {
  const meant = / turns it into (\w+)\(\) there$/.exec(remark)?.[1] ?? name;
  const facts = kb.facts[KINDS[kind] ?? "helpers"] as unknown as readonly Fact[];
  const fact = facts.find((one) => one.name === meant);
  if (fact === undefined) throw new Error(`there is no ${kind} ${meant}`);
  if (program === undefined) return fact.since === undefined ? [] : [fact];
  const type = program.progType.replace("BPF_PROG_TYPE_", "");
  const detail = program.structOps ?? program.attachType;
  const fits = (label: string): boolean => {
    const [of, only] = label.split("/");
    return of === "*" || (of === type && (only === undefined || detail === undefined || only === detail));
  };
  return (fact.allowed ?? []).filter((one) => one.in.some(fits));
}
