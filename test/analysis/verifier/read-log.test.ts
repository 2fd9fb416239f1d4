/** Real logs of kernels from 5.10 to 7.3, taken apart; and forms that only older ones print. */

import { describe, expect, test } from "vitest";
import type { Step } from "../../../server/src/analysis/verifier/log.ts";
import { readLog } from "../../../server/src/analysis/verifier/read-log.ts";
import { lineOf, logNames, logOf } from "./logs.ts";

const walked = (steps: readonly Step[]): readonly string[] =>
  steps.map(({ frame, instruction }) => `${frame}:${instruction}`);
const strong = (name: string): readonly string[] =>
  readLog(logOf(name))
    .messages.filter(({ weak }) => !weak)
    .map(({ text }) => text);

describe.each(logNames)("%s", (file) => {
  const name = file.replace(/\.log$/, "");
  const [, program = ""] = name.split("-");
  const log = readLog(logOf(name));

  test("nothing of it is taken for what it is not", () => {
    expect(strong(name)).toEqual(MESSAGES[program]?.(name.split("-")[0] ?? ""));
    expect(log.cut).toBe("no");
  });
  test("its numbers are read", () => {
    const { processed, limit, verificationMicroseconds, stackDepth, totalStates, peakStates } = log.stats ?? {};
    expect(log.stats?.processed).toBe(Number(/processed (\d+) insns/.exec(logOf(name))?.[1]));
    expect(limit).toBe(1_000_000);
    expect(processed).toBeGreaterThanOrEqual(log.steps.length > 0 ? 1 : 0);
    expect(verificationMicroseconds).toBeGreaterThan(0);
    expect(stackDepth?.length).toBe({ read_behind: 2, reserve_in_loop: 2, classify: 2 }[program] ?? 1);
    expect([totalStates, peakStates].every((count) => count !== undefined)).toBe(true);
  });
  test("no state has more or less than a name and a value", () => {
    for (const { state, before } of log.steps)
      for (const [register, value] of [...state, ...(before ?? [])]) {
        expect(register).toMatch(/^(?:R\d+|fp-\d+|refs)$/);
        expect(value).toMatch(/^(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+$/);
      }
  });
});

/** What each program is refused with, by kernel. */
const MESSAGES: Readonly<Record<string, (kernel: string) => readonly string[]>> = {
  count_unchecked: () => ["R0 invalid mem access 'map_value_or_null'"],
  read_behind: (kernel) =>
    kernel === "7.3"
      ? [
          "invalid access to packet, off=16 size=1, R1(id=1,off=16,r=16)",
          "R1 max value is outside of the allowed memory range",
        ]
      : [expect.stringMatching(/^invalid access to packet, off=1 size=1, R1\(/), "R1 offset is outside of the packet"],
  reserve_in_loop: (kernel) =>
    kernel === "6.1"
      ? ["Unreleased reference id=2 alloc_insn=13"]
      : [
          expect.stringMatching(/^Unreleased reference id=\d+ alloc_insn=13$/),
          ...(kernel === "6.12" ? [] : ["BPF_EXIT instruction in main prog would lead to reference leak"]),
        ],
  wait_for_ever: () => ["infinite loop detected at insn 3"],
  redirect_nothing: () => ["program of this type cannot use helper bpf_redirect#23"],
  classify: () => [],
};

test("a function that is called has a frame of its own, in every release", () => {
  for (const name of ["5.10-read_behind-1", "5.10-read_behind-2", "6.1-read_behind-2", "6.18-read_behind-1"]) {
    const { steps } = readLog(logOf(name));
    const calls = steps.findIndex(({ text }) => text.startsWith("(85) call pc+"));
    expect(steps.slice(0, calls + 1).every(({ frame }) => frame === 0)).toBe(true);
    expect(steps.slice(calls + 1).every(({ frame }) => frame === 1)).toBe(true);
  }
});

test("a callback is left again, and a path that parts from it is known", () => {
  const { steps } = readLog(logOf("6.18-reserve_in_loop-2"));
  expect(walked(steps)).toContain("1:13");
  const { steps: called } = readLog(logOf("6.1-reserve_in_loop-1"));
  expect(walked(called)).toContain("1:13");
  expect(called.at(-1)).toMatchObject({ instruction: 23, from: 19, frame: 1 });
  const { steps: left } = readLog(logOf("7.3-reserve_in_loop-1"));
  expect(left.find(({ from }) => from === 5)).toMatchObject({ instruction: 8, frame: 1 });
  expect(walked(left).slice(-3)).toEqual(["0:5", "0:6", "0:7"]);
});

test("what is known stands behind an instruction, before it, or both", () => {
  const newer = readLog(logOf("6.18-read_behind-1")).steps;
  expect(newer[0]?.before?.get("R1")).toBe("ctx()");
  expect(newer[0]?.state.get("R0")).toBe("2");
  const older = readLog(logOf("5.10-read_behind-2")).steps;
  expect(older[3]).toMatchObject({ instruction: 3, text: "(bf) r3 = r1" });
  expect(older[3]?.before?.get("R1")).toBe("pkt(id=0,off=0,r=0,imm=0)");
  expect(older[3]?.state.get("R3")).toBe("pkt(id=0,off=0,r=0,imm=0)");
  const least = readLog(logOf("5.10-read_behind-1")).steps;
  // What is printed of the caller while it looks back is not what `r1 += r3` left.
  expect(least.find(({ instruction }) => instruction === 14)?.state.size).toBe(0);
  expect(least.find(({ instruction }) => instruction === 5)?.state.get("R3")).toBe("pkt(id=0,off=4,r=4,imm=0)");
});

test("source lines belong to the steps behind them; older kernels name only their text", () => {
  const last = readLog(logOf("6.18-read_behind-1")).steps.at(-1);
  expect(last?.source).toEqual({
    text: "return byte[1];",
    file: "sample.bpf.c",
    line: lineOf("return byte[1];"),
    column: undefined,
  });
  const old = readLog(logOf("6.1-read_behind-1")).steps.at(-1);
  expect(old?.source).toEqual({ text: "return byte[1];", file: undefined, line: undefined, column: undefined });
});

test("a line that was taken back with its path is not guessed", () => {
  const { steps } = readLog(`0: R1=ctx() R10=fp0
; if (a) @ x.c:1
0: (15) if r1 == 0x0 goto pc+3 4: R1=ctx() R10=fp0
4: (95) exit
; return b; @ x.c:9
5: (95) exit
`);
  expect(steps.map(({ instruction, source }) => [instruction, source?.line])).toEqual([
    [0, 1],
    [4, undefined],
    [5, 9],
  ]);
});

test("… but what was named for the same instruction before holds", () => {
  const { steps } = readLog(`; x @ x.c:3
7: (b7) r0 = 0
; if (a) @ x.c:1
0: (15) if r1 == 0x0 goto pc+3 7: R1=ctx() R10=fp0
7: (b7) r0 = 0
`);
  expect(steps.at(-1)?.source?.line).toBe(3);
});

test("messages that end without a line break are parted from the numbers behind them", () => {
  const glued = readLog(
    "0: (85) call bpf_tail_call#12\nexpected prog array map for tail callprocessed 3 insns (limit 1000000)",
  );
  expect(glued.messages.map(({ text }) => text)).toEqual(["expected prog array map for tail call"]);
  expect(glued.stats).toEqual({ processed: 3, limit: 1_000_000 });
  const timed = readLog(
    "0: (95) exit\ninsn 4 cannot call exception cb directlyverification time 7 usec\nstack depth 8\n",
  );
  expect(timed.messages.map(({ text }) => text)).toEqual(["insn 4 cannot call exception cb directly"]);
  expect(timed.stats).toEqual({ verificationMicroseconds: 7, stackDepth: [8] });
});

test("numbers of kernels before 5.1", () => {
  expect(readLog("0: (95) exit\nprocessed 12 insns (limit 131072), stack depth 16+32\n").stats).toEqual({
    processed: 12,
    limit: 131_072,
    stackDepth: [16, 32],
  });
});

test("what libbpf writes over the end of a log is a step and its reason", () => {
  const log = readLog(`; x = t->nope; @ a.bpf.c:7
3: <invalid CO-RE relocation>
failed to resolve CO-RE relocation <byte_off> [5] struct task_struct___x.nope (0:0 @ offset 0)
processed 4 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`);
  expect(log.steps).toMatchObject([{ instruction: 3, text: "<invalid CO-RE relocation>", source: { line: 7 } }]);
  expect(log.messages).toHaveLength(1);
});

test("values with blanks, brackets in brackets, equal ends and flags", () => {
  const [step] = readLog(
    "9: (0f) r1 += r3 ; frame2: R1_rw=map_value(map=.data.a,ks=4,vs=28,smin=smin32=0,umax=15,var_off=(0x0; 0xf)) R3=P7 fp-8_w=mmmm???? fp-24=iter_num(ref_id=2,state=active,depth=1) refs=2,3 async_cb",
  ).steps;
  expect(Object.fromEntries(step?.state ?? [])).toEqual({
    R1: "map_value(map=.data.a,ks=4,vs=28,smin=smin32=0,umax=15,var_off=(0x0; 0xf))",
    R3: "P7",
    "fp-8": "mmmm????",
    "fp-24": "iter_num(ref_id=2,state=active,depth=1)",
    refs: "2,3",
  });
});

test.each([
  ["beginning", "7: (b7) r0 = 0\nR9 !read_ok\nprocessed 8 insns (limit 1000000)"],
  ["end", "0: (b7) r0 = 0\n1: (61) r1 = *(u32"],
  ["middle", "0: (b7) r0 = 0\n(70000 bytes of the log are left out here)\n9: (95) exit\nprocessed 8 insns (limit 1)"],
  ["no", "Validating f() func#1...\n9: R1=scalar() R10=fp0\n9: (95) exit\nprocessed 1 insns (limit 1000000)"],
] as const)("it is said where a part is missing: %s", (cut, text) => {
  expect(readLog(text).cut).toBe(cut);
});
