/** Damaged logs and what are none: nothing throws, nothing takes long, nothing fills the memory. */

import { expect, test } from "vitest";
import { families } from "../../../server/src/analysis/verifier/families/index.ts";
import { loadReader, readLoad } from "../../../server/src/analysis/verifier/read-load.ts";
import { readLog } from "../../../server/src/analysis/verifier/read-log.ts";
import { logNames, logOf } from "./logs.ts";

/** The same numbers in every run (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const LOGS = logNames.map((name) => logOf(name.replace(/\.log$/, "")));
const WRAPPED = LOGS.map(
  (log, i) =>
    `libbpf: prog 'p${i}': -- BEGIN PROG LOAD LOG --\n${log}-- END PROG LOAD LOG --\nlibbpf: prog 'p${i}': failed to load: -13\n`,
);
const STRANGE = [
  "\0",
  "\u001b[31m",
  "\ufffd",
  "(",
  ")",
  "\n",
  "\r",
  ";",
  ": ",
  "=",
  "R",
  "from ",
  "processed ",
  "-- END",
  "\ud800",
  "é",
  " @ x.c:",
  "|",
];

function damaged(text: string, next: (below: number) => number): string {
  let result = text;
  for (let times = 1 + next(6); times > 0; times--) {
    const at = next(result.length + 1);
    const length = next(200);
    const kind = next(5);
    if (kind === 0) result = result.slice(0, at);
    else if (kind === 1) result = result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + result.slice(at + length);
    else if (kind === 3) result = result.slice(0, at) + (STRANGE[next(STRANGE.length)] ?? "") + result.slice(at);
    else result = result.slice(0, at) + result.slice(next(result.length + 1), at + length) + result.slice(at);
  }
  return result;
}

/** Lines of two logs, as two programs that print at once leave them. */
function interleaved(one: string, other: string, next: (below: number) => number): string {
  const queues = [one.split("\n"), other.split("\n")];
  const lines: string[] = [];
  while (queues.some((queue) => queue.length > 0)) lines.push((queues[next(2)] ?? []).shift() ?? "");
  return lines.join("\n");
}

test("2,000 damaged logs are read, and every message that is left is shown", () => {
  const next = random(20_261_121);
  for (let i = 0; i < 2_000; i++) {
    const source = WRAPPED[next(WRAPPED.length)] ?? "";
    const text = next(4) === 0 ? interleaved(source, WRAPPED[next(WRAPPED.length)] ?? "", next) : damaged(source, next);
    const { programs, answers } = readLoad(text);
    for (const { verdict, answers: own } of programs) expect(own.length > 0 || verdict !== "refused").toBe(true);
    for (const answer of [...answers, ...programs.flatMap((program) => program.answers)])
      expect(typeof answer.title === "string" && answer.title !== "").toBe(true);
  }
});

test("a log that is cut anywhere is read up to there", () => {
  for (const log of LOGS)
    for (let end = 0; end < log.length; end += 97) {
      const whole = readLog(log);
      const part = readLog(log.slice(0, end));
      expect(part.steps.length).toBeLessThanOrEqual(whole.steps.length);
      part.steps.slice(0, -2).forEach((step, i) => {
        expect(step.instruction).toBe(whole.steps[i]?.instruction);
        expect(step.frame).toBe(whole.steps[i]?.frame);
      });
    }
});

test("in whatever pieces a text comes, it is the same", () => {
  const next = random(7);
  const text = WRAPPED.join("");
  const whole = readLoad(text);
  for (let round = 0; round < 20; round++) {
    const reader = loadReader();
    for (let at = 0; at < text.length; ) {
      const end = at + 1 + next(5_000);
      reader.push(text.slice(at, end));
      at = end;
    }
    expect(reader.end()).toEqual(whole);
  }
});

/** Each would take a pattern that goes back over what it read hours. */
const LONG: readonly (readonly [string, string])[] = [
  ...'0123 ;:(=R>|@-\t"\\.n'.split("").map((char) => [JSON.stringify(char), char.repeat(300_000)] as const),
  ...[
    "0: ",
    "R1=",
    "R1=(",
    "from 1 to ",
    "; a @ b:1",
    "1: (85) ",
    " 1: R",
    "fp-8=",
    "\\n",
    "\\n1: (",
    "libbpf: ",
    "prog 'x': ",
    "map 'x': ",
    "load program: ",
    "processed 1 insns ",
    "stack depth 1+",
    "1+1+",
    "Verification failed: ",
    "a @ b:1:1",
    "| ^-- ",
    "not found ",
    "arg#0 reference type('",
    "Validating f() func#1...",
    "subprog 1 (",
    "[pod/",
    "a | ",
    "(1,",
    "x: ",
    "-- BEGIN ",
    "R1 type=scalar expected=",
  ].map((piece) => [JSON.stringify(piece), piece.repeat(300_000 / piece.length)] as const),
];

test.each(LONG)("a long line of %s takes no time", (_, text) => {
  const started = performance.now();
  for (const before of [
    "",
    "0: ",
    "0: (85) call x ; ",
    "Verification failed: A: B\nAt:\n",
    "libbpf: prog 'x': ",
    "R0 ",
  ])
    readLoad(`${before}${text}\n${before}${text.slice(0, 60_000)}x`);
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("of a very long log the last steps are kept, and the answer", () => {
  const reader = loadReader();
  reader.push("0: R1=ctx() R10=fp0\n");
  const body = Array.from(
    { length: 1_000 },
    (_, i) => `${i}: (07) r1 += 1                      ; R1=scalar(umin=${i})\n`,
  ).join("");
  for (let i = 0; i < 200; i++) reader.push(body);
  reader.push("R1 invalid mem access 'scalar'\nprocessed 200000 insns (limit 1000000)\n");
  const [program] = reader.end().programs;
  expect(program).toMatchObject({
    verdict: "refused",
    stats: { processed: 200_000 },
    answers: [{ said: "R1 invalid mem access 'scalar'" }],
  });
  expect(program?.log.length).toBeLessThan(3 * 1024 * 1024);
  expect(program?.log).toMatch(/\n\(\d+ bytes of the log are left out here\)\n/);
});

test("messages stand behind the steps that are left, and more of them than anybody reads are not kept", () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${i % 1000}: (07) r1 += 1\nodd words ${i}\n`).join("");
  const { steps, messages } = readLog(text);
  expect(steps).toHaveLength(20_000);
  expect(messages).toHaveLength(2_000);
  expect(messages.at(-1)).toEqual({ text: "odd words 49999", after: 20_000 });
  expect(messages.at(0)).toEqual({ text: "odd words 48000", after: 18_001 });
});

test("no pattern of the catalogue takes long, whatever the words", () => {
  const slow: string[] = [];
  for (const { id, said, examples } of families)
    for (const { text } of examples)
      for (const long of [
        fill(text),
        fill(`${text.slice(0, text.length >> 1)} `),
        text + fill(" a"),
        text + fill("1"),
      ]) {
        const started = performance.now();
        for (const pattern of said) pattern.exec(long);
        if (performance.now() - started > 250) slow.push(`${id}: ${text}`);
      }
  expect(slow).toEqual([]);
});

/** As long as the longest message that is kept. */
function fill(piece: string): string {
  return piece.repeat(Math.ceil(4_096 / Math.max(1, piece.length))).slice(0, 4_096);
}
