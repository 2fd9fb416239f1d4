/** How attaching went, in words. */

import { expect, test } from "vitest";
import { programText } from "../../../server/src/analysis/verifier/answer-text.ts";
import { attachingOf } from "../../../server/src/analysis/verifier/attaching.ts";

const tried = (attachError: number, attachWords = "") =>
  attachingOf({ program: "one", section: "kprobe/x", attachError, attachWords });

test("that libbpf knows no way for such a section is no refusal", () => {
  expect(tried(0)).toEqual({ outcome: "attached", answers: [] });
  expect(tried(95)).toEqual({ outcome: "nowhere", answers: [] });
  expect(tried(95, "libbpf: prog 'one': failed to attach: Operation not supported\n").outcome).toBe("refused");
});

test("a number without words is told, and not taken for what is said of loading", () => {
  const { outcome, answers } = tried(1);
  expect(outcome).toBe("refused");
  expect(answers.map(({ said, family }) => [said, family])).toEqual([
    ["failed to attach, without a word: EPERM", undefined],
  ]);
});

test("a program's text says how it went", () => {
  const program = {
    name: "one",
    section: "kprobe/x",
    verdict: "accepted",
    stats: undefined,
    answers: [],
    log: "",
  } as const;
  const words = "libbpf: prog 'one': failed to create kprobe 'x+0x0' perf event: No such file or directory\n";
  expect(programText({ ...program, attaching: tried(0) })).toBe(
    "one (kprobe/x): accepted; attached, and taken off again",
  );
  expect(programText({ ...program, attaching: tried(2, words) })).toMatch(
    /^one \(kprobe\/x\): accepted; not attached\n {2}No such function to probe \[environment: probe-not-attached\]\n/,
  );
  expect(programText(program)).toBe("one (kprobe/x): accepted");
});
