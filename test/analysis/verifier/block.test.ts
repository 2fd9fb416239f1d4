/** The block of the newest kernels: as 7.3 printed it for our programs, and forms of it that these do not show. */

import { expect, test } from "vitest";
import { answersOf } from "../../../server/src/analysis/verifier/answers.ts";
import { readLog } from "../../../server/src/analysis/verifier/read-log.ts";
import { lineOf, logOf } from "./logs.ts";

const refused = (log: string) => answersOf({ name: "p", section: undefined, refused: true, log, words: "" });

test("every section of it is read", () => {
  const { block } = readLog(logOf("7.3-count_unchecked-1"));
  expect(block).toMatchObject({
    category: "Register Type Safety",
    problem: "Invalid dereference",
    reason: expect.stringMatching(
      /^R0 may be NULL here .* on this path, so the verifier cannot prove this access is safe\.$/,
    ),
    suggestion: "Add a NULL check before the access and dereference the pointer only on the non-NULL path.",
    at: {
      function: "count_unchecked",
      source: { text: "*value += 1;", file: "sample.bpf.c", line: lineOf("*value += 1;"), column: 9 },
      instruction: 8,
      note: "invalid dereference of R0 (a nullable map value pointer)",
    },
  });
  expect(block?.path).toMatchObject([
    {
      label: "update",
      instruction: 7,
      source: { line: lineOf("bpf_map_lookup_elem") },
      // Two lines in the log.
      note: expect.stringMatching(
        /^R0 changed from .*, unsigned range \[0, 4294967295\] to nullable map value from counts/,
      ),
    },
  ]);
});

test("the place is the kernel's, the story in words of the C, and what follows it is part of what was said", () => {
  const { answers, stats } = refused(logOf("7.3-reserve_in_loop-1"));
  const [answer] = answers;
  expect(answer?.place).toMatchObject({ file: "sample.bpf.c", column: 2, instruction: 7, text: "return 0;" });
  expect(answer?.story.map(({ place }) => place.line)).toEqual([
    lineOf("bpf_ringbuf_reserve"),
    lineOf("if (index == 3)"),
  ]);
  expect(answer?.story[0]?.text).toContain("event gets what bpf_ringbuf_reserve hands out");
  expect(answer?.said).toContain("Unreleased reference id=2 alloc_insn=13");
  expect(answer?.said).toContain("Verification failed: Resource Lifetime Safety: Unreleased resource");
  expect(answer?.said).toContain("BPF_EXIT instruction in main prog would lead to reference leak");
  expect(stats?.stackDepth).toEqual([0, 0]);
});

test("where there are no steps, the story is the kernel's", () => {
  const log = logOf("7.3-reserve_in_loop-1");
  const [answer] = refused(log.slice(log.indexOf("Verification failed"))).answers;
  expect(answer?.story.map(({ place }) => place.line)).toEqual([
    lineOf("bpf_ringbuf_reserve"),
    lineOf("if (!event)"),
    lineOf("if (index == 3)"),
  ]);
});

test("what the kernel knows of a number in four ways is said once", () => {
  const value = "known bits 0x0, unknown mask 0x7c, signed range [0, 124], unsigned range [0, 124]";
  const [answer] = refused(`Verification failed: Memory Safety: Access outside bounds

Reason:
  It is outside.

At:
  f @ a.bpf.c:5:3

Causal path:
  f @ a.bpf.c:4:3
  Source context:
  >>> 4 | p += i;
        | ^-- update: R0 changed from map value at offset 0 to map value with variable offset: ${value}

Suggestion:
  Test it.
`).answers;
  expect(answer?.story.map(({ text }) => text)).toEqual([
    "R0 becomes: map value with variable offset: between 0 and 124",
  ]);
});

test("what no family knows is explained in the kernel's own words", () => {
  const log = `0: (95) exit
a message that nobody has seen

Verification failed: Program Structure: Something new

Reason:
  It is new,
  and long.

At:
  insn 0
       | ^-- error: something new
  Instruction context:
  >>> 0 | (95) exit

Causal path:
  no retained diagnostic events on this path

Suggestion:
  Write it otherwise.

processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  expect(readLog(log).block).toMatchObject({
    at: { instruction: 0, source: undefined, note: "something new" },
    path: [],
  });
  const [answer] = refused(log).answers;
  expect(answer).toMatchObject({
    family: undefined,
    class: "unknown",
    title: "Something new",
    meaning: "It is new, and long.",
    advice: "Write it otherwise.",
  });
});

test("a lock that is held is named, and source text that looks like a place is none", () => {
  const { block } = readLog(`Verification failed: Resource Lifetime Safety: Lock is held

Reason:
  A lock is held.

At:
  f @ a b.bpf.c:5:3
  Source context:
  >>> 5 | x @ y.c:1:2
        | ^-- error: lock is held

Active lock:
  f @ a b.bpf.c:3:2
  Source context:
  >>> 3 | bpf_spin_lock(&v->lock);
        | ^-- acquired: active bpf_spin_lock has verifier identity 2

Suggestion:
  Unlock it.
`);
  expect(block?.at?.source).toEqual({ text: "x @ y.c:1:2", file: "a b.bpf.c", line: 5, column: 3 });
  expect(block?.lock).toMatchObject({ source: { line: 3 }, note: "active bpf_spin_lock has verifier identity 2" });
});

test("one that is cut off anywhere is as good as what there is of it", () => {
  const whole = logOf("7.3-count_unchecked-1");
  for (let end = whole.indexOf("Verification failed"); end < whole.length; end += 7) {
    const [answer] = refused(whole.slice(0, end)).answers;
    expect(answer?.said).toContain("R0 invalid mem access 'map_value_or_null'");
    expect(answer?.place?.line).toBe(lineOf("*value += 1;"));
  }
});
