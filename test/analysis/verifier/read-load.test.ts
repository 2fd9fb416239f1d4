/** What loaders print around logs and without any, and what terminals, journals and forums put around that. */

import { describe, expect, test } from "vitest";
import type { ProgramAnswer } from "../../../server/src/analysis/verifier/answer.ts";
import { readLoad } from "../../../server/src/analysis/verifier/read-load.ts";
import { lineOf, logOf } from "./logs.ts";

const NAME = "count_unchecked";
const LOG = logOf("6.18-read_behind-1").trimEnd();
const LINES = LOG.split("\n");
const each = (text: string, change: (line: string) => string): string => text.split("\n").map(change).join("\n");

const LIBBPF = `libbpf: prog 'read_behind': BPF program load failed: Permission denied
libbpf: prog 'read_behind': -- BEGIN PROG LOAD LOG --
${LOG}
-- END PROG LOAD LOG --
libbpf: prog 'read_behind': failed to load: -13
libbpf: failed to load object 'sample.bpf.o'
Error: failed to load object file
`;

/** What the same refusal looks like, and the name that it is told with. */
const FORMS: Readonly<Record<string, readonly [text: string, name: string | undefined]>> = {
  "a raw log": [LOG, undefined],
  libbpf: [LIBBPF, "read_behind"],
  "libbpf before 0.7": [
    `libbpf: load bpf program failed: Permission denied
libbpf: -- BEGIN DUMP LOG ---
libbpf: 
${LOG}

libbpf: -- END LOG --
libbpf: failed to load program 'read_behind'
libbpf: failed to load object 'sample.bpf.o'`,
    "read_behind",
  ],
  "bpftool -d": [
    `libbpf: loading sample.bpf.o
libbpf: elf: section(3) xdp, size 160, link 0, flags 6, type=1
libbpf: sec 'xdp': found program 'read_behind' at insn offset 0 (0 bytes), code size 13 insns (104 bytes)
libbpf: elf: skipping unrecognized data section(9) .rodata.str1.1
libbpf: map 'counts': created successfully, fd=4
${LIBBPF}`,
    "read_behind",
  ],
  "cilium/ebpf, whole": [
    `2026/05/01 12:00:00 loading objects: field ReadBehind: program read_behind: load program: permission denied:
${each(LOG, (line) => `\t${line}`)}
exit status 1`,
    "read_behind",
  ],
  aya: [
    `Error: the BPF_PROG_LOAD syscall failed. Verifier output: ${LOG}

Caused by:
    Permission denied (os error 13)`,
    undefined,
  ],
  bcc: [`bpf: Failed to load program: Permission denied\n${LOG}\n\nTraceback (most recent call last):`, undefined],
  tc: [
    `
Prog section 'xdp' rejected: Permission denied (13)!
 - Type:         6
 - Instructions: 20 (0 over limit)
 - License:      GPL

Verifier analysis:

${LOG}
Error fetching program/map!`,
    undefined,
  ],
  veristat: [
    `PROCESSING sample.bpf.o/read_behind, DURATION US: 72, VERDICT: failure, VERIFIER LOG:\n${LOG}\n`,
    "read_behind",
  ],
  "a terminal's colours": [each(LIBBPF, (line) => `\u001b[31m${line}\u001b[0m`), "read_behind"],
  "line breaks of Windows": [LIBBPF.replaceAll("\n", "\r\n"), "read_behind"],
  "tabs for blanks": [LOG.replaceAll(/ {2,}/g, "\t"), undefined],
  "a quoted block in an issue": [
    `It fails:\n\n${each(`\`\`\`\n${LIBBPF}\`\`\``, (line) => `> ${line}`)}\n\nWhy?`,
    "read_behind",
  ],
  journalctl: [each(LIBBPF, (line) => `Nov 21 12:00:01 host agent[812]: ${line}`), "read_behind"],
  "kubectl --timestamps": [each(LIBBPF, (line) => `2026-11-21T12:00:01.123456789Z ${line}`), "read_behind"],
  "kubectl --prefix": [each(LIBBPF, (line) => `[pod/agent-x7/main] ${line}`), "read_behind"],
  "docker compose": [each(LIBBPF, (line) => `agent-1  | ${line}`), "read_behind"],
  "a file of Docker's": [
    each(LIBBPF, (line) => JSON.stringify({ log: `${line}\n`, stream: "stderr", time: "2026-11-21T12:00:01Z" })),
    "read_behind",
  ],
  dmesg: [each(LIBBPF, (line) => `[   12.345678] ${line}`), "read_behind"],
  "a message in JSON": [
    JSON.stringify({
      level: "fatal",
      msg: `program read_behind: load program: permission denied:\n\t${LINES.join("\n\t")}`,
    }),
    "read_behind",
  ],
};

describe.each(Object.entries(FORMS))("%s", (_, [text, name]) => {
  const { programs, answers } = readLoad(text);

  test("it is one program, refused where it is", () => {
    expect(answers).toEqual([]);
    expect(programs).toHaveLength(1);
    const [program] = programs;
    expect([program?.name, program?.verdict]).toEqual([name, "refused"]);
    expect(program?.stats?.processed).toBe(14);
    const [answer, ...others] = program?.answers ?? [];
    expect(others).toEqual([]);
    expect(answer?.said).toMatch(
      /^invalid access to packet, off=1 size=1, R1\(id=1,off=1,r=1\)\nR1 offset is outside of the packet$/,
    );
    expect(answer?.place).toMatchObject({ file: "sample.bpf.c", line: lineOf("return byte[1];"), instruction: 18 });
  });
});

test("cilium/ebpf in one line: the instruction and what is said of it", () => {
  const { programs } = readLoad(
    "field X: program xdp_prog: load program: permission denied: 8: (61) r2 = *(u32 *)(r1 +0): R1 invalid mem access 'scalar' (12 line(s) omitted)",
  );
  expect(programs).toMatchObject([
    { name: "xdp_prog", verdict: "refused", answers: [{ said: "R1 invalid mem access 'scalar'" }] },
  ]);
});

test("… two lines of which none is an instruction, and one alone", () => {
  const said = (text: string) => readLoad(`load program: ${text}`).programs.map(({ answers }) => answers[0]?.said);
  expect(
    said(
      "permission denied: invalid access to packet, off=14 size=1, R1(id=0,off=14,r=0): R1 offset is outside of the packet (9 line(s) omitted)",
    ),
  ).toEqual(["invalid access to packet, off=14 size=1, R1(id=0,off=14,r=0)\nR1 offset is outside of the packet"]);
  expect(said("invalid argument: unreachable insn 4 (2 line(s) omitted)")).toEqual(["unreachable insn 4"]);
});

test("a loader that may not, without a log", () => {
  const family = (text: string) => readLoad(text).programs.map(({ name, answers }) => [name, answers[0]?.family]);
  const text =
    "libbpf: prog 'x': BPF program load failed: Operation not permitted\nlibbpf: prog 'x': failed to load: -1\n";
  expect(family(text)).toEqual([["x", "not-permitted"]]);
  // Root was refused, for a reason that is not there.
  const root = "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB\n";
  expect(family(root + text).map(([name]) => name)).toEqual(["x"]);
  const memlock = "operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)";
  expect(family(`field X: program y: load program: ${memlock}`)).toEqual([["y", "not-permitted"]]);
  // What else may have been printed is not here.
  const invalid =
    "libbpf: prog 'x': BPF program load failed: Invalid argument\nlibbpf: prog 'x': failed to load: -22\n";
  expect(readLoad(invalid).programs).toMatchObject([{ verdict: "refused", answers: [{ family: undefined }] }]);
});

test("several programs, some of them accepted, keep apart", () => {
  const { programs } = readLoad(`libbpf: prog 'classify': -- BEGIN PROG LOAD LOG --
${logOf("6.18-classify-1")}-- END PROG LOAD LOG --
${LIBBPF}libbpf: prog '${NAME}': BPF program load failed: -EACCES
libbpf: prog '${NAME}': -- BEGIN PROG LOAD LOG --
${logOf("7.3-count_unchecked-1")}-- END PROG LOAD LOG --
`);
  const told = (one: ProgramAnswer) => [one.name, one.verdict, one.answers.length];
  expect(programs.map(told)).toEqual([
    ["classify", "accepted", 0],
    ["read_behind", "refused", 1],
    [NAME, "refused", 1],
  ]);
});

test("raw logs one behind the other are of several programs", () => {
  const { programs } = readLoad(`${logOf("6.18-read_behind-1")}\n${logOf("6.12-wait_for_ever-1")}`);
  expect(programs.map(({ answers }) => answers[0]?.said.split("\n")[0])).toEqual([
    "invalid access to packet, off=1 size=1, R1(id=1,off=1,r=1)",
    "infinite loop detected at insn 3",
  ]);
});

test("a map that cannot be made is of no program, and its name is known", () => {
  const { programs, answers } = readLoad(`libbpf: map 'rb': failed to create: Invalid argument(-22)
libbpf: failed to load object 'x.o'
Error: failed to load object file
`);
  expect(programs).toEqual([]);
  expect(answers).toMatchObject([
    { said: "libbpf: map 'rb': failed to create: Invalid argument(-22)", about: { kind: "map", name: "rb" } },
  ]);
});

test("what libbpf says of a program without a log is that program's answer", () => {
  const { programs } = readLoad(`libbpf: prog 'x': missing BPF prog type, check ELF section name 'xpd'
libbpf: prog 'x': failed to load: -22
libbpf: failed to load object 'x.o'
`);
  expect(programs).toMatchObject([
    {
      name: "x",
      verdict: "refused",
      answers: [{ said: "libbpf: prog 'x': missing BPF prog type, check ELF section name 'xpd'" }],
    },
  ]);
});

test("types that a kernel does not take are no reason, where libbpf goes on without them", () => {
  const { programs, answers } = readLoad(`libbpf: BTF loading error: -22
libbpf: -- BEGIN BTF LOAD LOG ---
magic: 0xeb9f
[4] FUNC f type_id=1 Invalid arg#1

-- END BTF LOAD LOG --
libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.
${LIBBPF}`);
  expect(answers).toEqual([]);
  expect(programs[0]?.answers[0]?.said).toMatch(/^invalid access to packet/);
});

test("a line pasted alone is looked up", () => {
  const { programs, answers } = readLoad("R0 invalid mem access 'map_value_or_null'\n");
  expect(programs).toEqual([]);
  expect(answers).toMatchObject([{ family: "result-may-be-null" }]);
});

test("an unknown failure is shown as it is, all of it", () => {
  const text =
    "libbpf: the flux is unsupported here\nlibbpf: cannot find the other flux either\nlibbpf: failed to load object 'x.o'";
  const { answers } = readLoad(text);
  expect(answers).toMatchObject([
    {
      family: undefined,
      class: "unknown",
      title: "the flux is unsupported here",
      meaning: "",
      said: text.split("\n").slice(0, 2).join("\n"),
    },
  ]);
});

test.each(["", "\n\n", "hello world\n", "int main(void) { return 0; }\n; not a log\n"])(
  "there is nothing in %j",
  (text) => {
    expect(readLoad(text)).toEqual({ programs: [], answers: [] });
  },
);

test.each([
  "libbpf: prog 'f': relo #0: no matching targets found",
  "libbpf: prog 'f': relo #0: substituting insn #0 w/ invalid insn",
  "libbpf: Error in bpf_create_map_xattr(m):Invalid argument(-22). Retrying without BTF.",
  "libbpf: prog 'f': missing .BTF.ext function info for the main program, skipping all of .BTF.ext func info.",
  "libbpf: extern 'CONFIG_X' (weak): not resolved, defaulting to zero",
])("what libbpf goes on after is not why it stopped: %s", (line) => {
  const { programs, answers } = readLoad(`${line}\nlibbpf: map 'rb': failed to create: -EINVAL\n`);
  expect({ programs, answers }).toMatchObject({ programs: [], answers: [{ family: "map-not-created", by: "libbpf" }] });
});

test("what libbpf says in words of the verifier's family is still libbpf's", () => {
  const line = "libbpf: extern (func ksym) 'bpf_no_such': not found in kernel or module BTFs";
  expect(readLoad(line).answers).toMatchObject([{ family: "kfunc-not-found", by: "libbpf" }]);
});

test("cilium/ebpf's hint stands before the log", () => {
  const { programs } = readLoad("program f: load program: bad address (hit verifier bug): 0: (95) exit: R0 !read_ok");
  expect(programs).toMatchObject([{ name: "f", answers: [{ family: "uninitialised-register" }] }]);
});

test("the only success is accepted", () => {
  expect(readLoad(logOf("6.18-classify-1")).programs).toMatchObject([{ verdict: "accepted", answers: [] }]);
});

test("lines of an object place what a kernel does not", () => {
  const placeOf = (instruction: number) => ({ file: "/src/sample.bpf.c", line: 100 + instruction, instruction });
  const { programs } = readLoad(logOf("5.10-read_behind-1"), () => placeOf);
  expect(programs[0]?.answers[0]?.place).toEqual({ file: "/src/sample.bpf.c", line: 118, instruction: 18 });
});

test("a log that stops before it says why is said to", () => {
  const [program] = readLoad(LINES.slice(0, 12).join("\n")).programs;
  expect(program).toMatchObject({
    verdict: "unknown",
    answers: [{ title: "The end of the log is missing", class: "unknown" }],
  });
});
