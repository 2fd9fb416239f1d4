import { describe, expect, test } from "vitest";
import { rules } from "../../../server/src/analysis/rules/index.ts";
import { answersOf } from "../../../server/src/analysis/verifier/answers.ts";
import { families } from "../../../server/src/analysis/verifier/families/index.ts";
import type { Family } from "../../../server/src/analysis/verifier/family.ts";
import { findFamily } from "../../../server/src/analysis/verifier/find-family.ts";
import { readLoad } from "../../../server/src/analysis/verifier/read-load.ts";

describe.each(families.map((family) => [family.id, family] as const))("%s", (id, family) => {
  test("has examples, and each is found to be of it", () => {
    expect(family.examples.length).toBeGreaterThan(0);
    const found = family.examples.map(({ text }) => `${findFamily(text)?.family.id}: ${text}`);
    expect(found).toEqual(family.examples.map(({ text }) => `${id}: ${text}`));
  });

  test("is found where each example is all that a loader prints", () => {
    for (const { text } of family.examples) {
      if (NOT_ALONE.test(text)) continue;
      const { programs, answers } = readLoad(family.by === "verifier" ? `${BEGIN}${text}${END}` : `${text}\n`);
      const found = [...answers, ...programs.flatMap((program) => program.answers)];
      expect(found.map((answer) => `${answer.family}: ${text}`)).toContain(`${id}: ${text}`);
    }
  });

  test("each of its spellings is that of an example", () => {
    const unseen = family.said.filter((said) => !family.examples.some(({ text }) => said.test(text)));
    expect(unseen).toEqual([]);
  });

  test("explains each example, also where the log is not there", () => {
    for (const { text } of family.examples) for (const words of wordsOf(family, text)) checkWords(words);
  });

  test("names rules that there are", () => {
    const known = rules.map(({ meta }) => meta.id);
    for (const rule of family.rules ?? []) expect(known).toContain(rule);
  });
});

const BEGIN = "libbpf: prog 'x': BPF program load failed: -EINVAL\nlibbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n";
const END = "\nprocessed 0 insns (limit 1000000)\n-- END PROG LOAD LOG --\n";
/** What libbpf writes over an instruction has more behind it; of what is left out, the rest is looked at. */
const NOT_ALONE = /^\d+: <invalid|line\(s\) omitted/;

test("nothing is found in what no family says", () => {
  expect(findFamily("the moon is in the wrong phase")).toBeUndefined();
});

function wordsOf(family: Family, text: string): readonly string[] {
  const own = findFamily(text);
  if (own === undefined) throw new Error(text);
  const log = { steps: [], messages: [{ text, after: 0 }], stats: undefined, block: undefined, cut: "no" } as const;
  const found = { match: own.match, log, at: undefined, placeOf: () => undefined };
  const say = (words: Family["meaning"]): string => (typeof words === "string" ? words : words(found));
  family.story?.(found);
  family.classify?.(found);
  family.step?.(found);
  // As a person gets it, where a log has nothing but this line.
  answersOf({ name: "x", section: undefined, refused: true, log: text, words: "" });
  return [family.title, say(family.meaning), say(family.advice)];
}

function checkWords(words: string): void {
  expect(words).toMatch(/^\S.*\S$/s);
  expect(words).not.toMatch(/undefined|NaN|\$\{|\[object|Infinity| {2}| [.,;]|!$/);
}
