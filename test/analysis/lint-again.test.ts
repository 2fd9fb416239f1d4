/** What is found with the help of what was found before is what is found without it. */

import { expect, test } from "vitest";
import { type Finding, type LintInput, lint } from "../../server/src/analysis/lint.ts";
import { Earlier } from "../../server/src/analysis/lint-again.ts";
import type { Built } from "../../server/src/analysis/model.ts";
import { differenceOf } from "../../server/src/analysis/moved.ts";
import type { Report, Rule } from "../../server/src/analysis/rule.ts";
import { rules } from "../../server/src/analysis/rules/index.ts";
import { build, kb, type Options, targetsOf } from "../support/check.ts";
import { randomBelow } from "../support/random.ts";

const QUICK = rules.filter(({ walks }) => walks !== true);
const EXAMPLES = QUICK.flatMap(({ meta }) => meta.examples.map((example) => ({ ...example, id: meta.id })));
const ON = Object.fromEntries(QUICK.filter(({ meta }) => meta.off).map(({ meta }) => [meta.id, meta.severity]));

function whole(text: string): string {
  return `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

${text}

char LICENSE[] SEC("license") = "GPL";
`;
}

function shown(findings: readonly Finding[]) {
  return findings.map(({ rule, range, message, severity, related }) => ({
    rule: rule.id,
    range,
    message,
    severity,
    related,
  }));
}

/** Where an edit begins, how much it takes out, and what it puts there. */
interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly added: string;
}

const PIECES = [
  ..."ab1 _;,(){}[]\"'/*<&.-=\n",
  "int typed = 1;\n\t",
  "if (x)\n\t\treturn 0;\n\t",
  "// hookpoint: allow unused-map\n\t",
  "bpf_get_current_pid_tgid();",
  "ETH_P_IP + ",
  "int allowed = ETH_P_IPV6;\n\t",
  "1.5",
  "for (;;)\n\t\t;\n\t",
];

/** Mostly words that become longer, shorter or others, as where somebody types. */
function editOf(text: string, random: (below: number) => number): Edit {
  const words = [...text.matchAll(/[A-Za-z_]\w*/g)];
  const one = words[random(words.length)];
  const other = words[random(words.length)]?.[0] ?? "";
  const [start, word] = [one?.index ?? 0, one?.[0] ?? ""];
  const end = start + word.length;
  const piece = PIECES[random(PIECES.length)] ?? "";
  switch (random(6)) {
    case 0:
      return { at: end, removed: 0, added: "x" };
    case 1:
      return { at: end - 1, removed: 1, added: "" };
    case 2:
      return { at: start, removed: word.length, added: other };
    case 3:
      return { at: end, removed: 0, added: ` ${other}` };
    case 4:
      return { at: start, removed: 0, added: piece };
    default:
      return { at: random(text.length), removed: random(3), added: piece };
  }
}

/** A file in which somebody types: what is found with what was found before, and without it. */
class Typed {
  /** How many rules could have taken their findings over, and how many looked again. */
  could = 0;
  did = 0;
  private built: Built;
  private readonly earlier = new Earlier();
  private readonly settings: Omit<LintInput, "model">;
  private readonly counting: readonly Rule[];

  constructor(text: string, { target, loader = "libbpf", arch = "x86" }: Options = {}) {
    this.settings = { kb, targets: targetsOf(target), loader, arch };
    this.counting = QUICK.map((rule) => ({ ...rule, check: (ctx) => this.count(rule.check(ctx)) }));
    this.built = build(text);
    this.found();
    this.did = 0;
  }

  becomes(text: string): void {
    const { outside } = this.built.model.marks;
    this.built = build(text, this.built);
    const before = this.did;
    const found = this.found();
    if (this.built.model.marks.outside === outside) this.could += QUICK.length;
    else this.did = before;
    const { model } = build(text);
    expect(shown(found), text).toEqual(shown(lint({ ...this.settings, model }, { rules: QUICK, severities: ON })));
  }

  private found(): readonly Finding[] {
    const { settings, counting, earlier, built } = this;
    return lint({ ...settings, model: built.model }, { rules: counting, severities: ON, earlier });
  }

  private *count(reports: Iterable<Report>): Iterable<Report> {
    this.did++;
    yield* reports;
  }
}

function stepsTo(start: number, end: number): number[] {
  const step = Math.ceil((end - start) / 15);
  return Array.from({ length: 15 }, (_, i) => Math.min(end, start + (i + 1) * step));
}

test.each(EXAMPLES.map((example) => [example.id, example] as const))(
  "%s: from wrong to right and back",
  (_, example) => {
    const [bad, good] = [whole(example.bad), whole(example.good)];
    const file = new Typed(bad, example);
    file.becomes(good);
    file.becomes(bad);
    // Somebody types it as well, a few keys at a time.
    const { before, now } = differenceOf(bad, good) ?? { before: { start: 0, end: 0 }, now: { start: 0, end: 0 } };
    for (const end of stepsTo(before.start, before.end).reverse())
      file.becomes(bad.slice(0, end) + bad.slice(before.end));
    for (const end of stepsTo(now.start, now.end)) file.becomes(good.slice(0, end) + bad.slice(before.end));
  },
);

test.each(EXAMPLES.map((example) => [example.id, example] as const))(
  "%s: lines become comments and come back",
  (_, example) => {
    const bad = whole(example.bad);
    const file = new Typed(bad, example);
    for (const { index } of bad.matchAll(/^\t(?=\S)/gm)) {
      file.becomes(`${bad.slice(0, index)}\t//${bad.slice(index + 1)}`);
      file.becomes(bad);
    }
  },
);

test("whatever is typed", () => {
  const random = randomBelow(7);
  let [could, did] = [0, 0];
  for (const example of EXAMPLES) {
    const start = whole(example.bad);
    const file = new Typed(start, example);
    let text = start;
    for (let i = 0; i < 8; i++) {
      const { at, removed, added } = editOf(text, random);
      // After a few keys somebody is back at what makes sense.
      text = i === 3 ? start : text.slice(0, at) + added + text.slice(at + removed);
      file.becomes(text);
    }
    [could, did] = [could + file.could, did + file.did];
  }
  expect(could).toBeGreaterThan(15_000);
  // Most would find the same again.
  expect(did / could).toBeLessThan(0.3);
});

/** The model of a text that came of another by an edit. */
function after(text: string, from: string, to: string): readonly [Built, Built] {
  const before = build(whole(text));
  // Asked for, so that it may be kept.
  before.model.reaches("program");
  return [before, build(whole(text.replace(from, to)), before)];
}

test("what a program reaches follows the calls that are typed", () => {
  const text = `static int two(void) { return 2; }
static int one(void) { return 1; }
SEC("xdp")
int program(struct xdp_md *ctx)
{
	return one() + 1;
}`;
  const [before, now] = after(text, "+ 1", "+ two()");
  expect([...before.model.reaches("program")].sort()).toEqual(["one", "program"]);
  expect([...now.model.reaches("program")].sort()).toEqual(["one", "program", "two"]);
});

test("a structure within a function is no part of it alone: others may ask for its size", () => {
  const text = `SEC("xdp")
int program(struct xdp_md *ctx)
{
	struct local { int a; };
	return sizeof(struct local) + 1;
}`;
  const [{ model: small }, { model: large }] = after(text, "int a;", "int a[8];");
  const sizes = [small, large].map(({ types }) => types.layout(types.read("struct local"))?.size);
  expect(sizes).toEqual([4, 32]);
  expect(large.marks.outside).not.toBe(small.marks.outside);
});
