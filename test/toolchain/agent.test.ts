/** The agent that loads programs: made here once, said in words where it cannot be, read whatever it prints. */

import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { agentProgram } from "../../server/src/toolchain/agent/agent.ts";
import { cutOffAt, readTried } from "../../server/src/toolchain/agent/read-tried.ts";
import { agentFailed } from "../../server/src/toolchain/agent/root.ts";
import type { Work } from "../../server/src/toolchain/choices.ts";
import { Cancelled } from "../../server/src/toolchain/problem.ts";
import { run } from "../../server/src/toolchain/run.ts";
import { root } from "../support/paths.ts";
import { needTool, workIn } from "../support/tools.ts";

const source = join(root, "server/src/toolchain/agent");
const before = { PATH: process.env["PATH"], XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] };
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hookpoint agent-"));
  process.env["XDG_CACHE_HOME"] = join(folder, "a cache");
});
afterEach(() => {
  for (const [name, value] of Object.entries(before))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  rmSync(folder, { recursive: true });
});

/** Only these programs are on the path. */
function onlyOnPath(programs: Readonly<Record<string, string>>): void {
  const path = join(folder, "path");
  mkdirSync(path);
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  process.env["PATH"] = path;
}

const says = (what: string) => `case $1 in --version) echo "cc (Fake) 12.2.0";; *) ${what};; esac`;

/** Files of the cache that are not whole would be taken for the agent the next time. */
const kept = () =>
  readdirSync(join(folder, "a cache"), { recursive: true, withFileTypes: true }).filter((one) => one.isFile());

test("it is compiled once, without a warning, in a cache with odd names", async (ctx) => {
  needTool("cc", ctx);
  const told: string[] = [];
  const work: Work = { ...workIn(folder), tell: (what) => told.push(what) };
  const program = await agentProgram(source, work);
  expect(await agentProgram(source, work)).toBe(program);
  expect(told).toEqual(["compiling the agent that loads programs"]);
  expect(kept().map(({ name }) => name)).toEqual(["agent"]);
  for (const args of [[], ["nothing"], ["verify"], ["verify", "--nothing"], ["verify", "a", "b"]]) {
    const { code, stderr } = await run(program, args, { cwd: folder });
    expect([args, code, stderr.split("\n").length]).toEqual([args, 2, 2]);
  }
});

test.for(["gcc", "clang-19", "clang-14"])("%s has nothing to say of its source", async (compiler, ctx) => {
  needTool(compiler, ctx);
  const files = readdirSync(source).filter((name) => name.endsWith(".c"));
  const strict = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-c"];
  const copy = join(folder, "source");
  cpSync(source, copy, { recursive: true });
  expect(await run(compiler, [...strict, ...files], { cwd: copy })).toMatchObject({ code: 0, stderr: "" });
});

test("a changed source is compiled anew", async (ctx) => {
  needTool("cc", ctx);
  const copy = join(folder, "source");
  cpSync(source, copy, { recursive: true });
  const first = await agentProgram(copy, workIn(folder));
  writeFileSync(join(copy, "more.c"), "int hookpoint_more;\n");
  expect(await agentProgram(copy, workIn(folder))).not.toBe(first);
});

test.each([
  [
    'echo "agent.c:10:10: fatal error: bpf/libbpf.h: No such file or directory" >&2; exit 1',
    /^libbpf and its headers are needed to load programs, and were not found\.$/,
    "libbpf",
  ],
  [
    'echo "/usr/bin/ld: cannot find -lbpf: No such file or directory" >&2; exit 1',
    /^libbpf and its headers are needed/,
    "libbpf",
  ],
  ["echo '#error \"libbpf 1.0 or newer is needed\"' >&2; exit 1", /the one here is older\.$/, "libbpf"],
  ["echo surprise >&2; exit 1", /could not be compiled; the output says why\.$/, "cc"],
] as const)("what is wrong is said once, with what to install: %s", async (script, message, install) => {
  onlyOnPath({ cc: says(script) });
  const failure = await agentProgram(source, workIn(folder)).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: "ToolProblem", message: expect.stringMatching(message), remedy: { install } });
  expect(kept()).toEqual([]);
});

test("cancelled while it is compiled: nothing of it stays", async () => {
  onlyOnPath({ cc: says('echo half > "$3"; while :; do :; done') });
  const abort = new AbortController();
  const logged: string[] = [];
  const work: Work = { ...workIn(folder), signal: abort.signal, log: (text) => logged.push(text) };
  const running = agentProgram(source, work);
  await expect.poll(() => logged.length, { timeout: 30_000 }).toBeGreaterThan(0);
  abort.abort();
  await expect(running).rejects.toThrow(Cancelled);
  expect(kept()).toEqual([]);
});

const HELLO = '{"agent":1,"release":"6.18.44","machine":"x86_64","libbpf":"v1.1"}\n';
const ONE =
  '{"program":"p","section":"xdp","type":6,"attachType":37,"instructions":2,"error":0,"milliseconds":0.5,"log":"","words":""}\n';

test("what it prints is read line by line", () => {
  const { hello, programs, unopened, missing } = readTried(`${HELLO}{"missing":"nope"}\n${ONE}`);
  expect([hello.release, programs.map(({ program }) => program), unopened, missing]).toEqual([
    "6.18.44",
    ["p"],
    undefined,
    ["nope"],
  ]);
  expect(readTried(`${HELLO}{"error":2,"words":"libbpf: failed"}\n`).unopened).toEqual({
    error: 2,
    words: "libbpf: failed",
  });
});

test("what is no answer is said, and whose turn it was", () => {
  expect(() => readTried("")).toThrow("gave no answer");
  expect(() => readTried(ONE)).toThrow("gave no answer");
  const cut = `${HELLO}${ONE}{"program":"q\\"1","section":"tc","typ`;
  expect(() => readTried(cut)).toThrow("was cut off");
  expect([cutOffAt(cut), cutOffAt(HELLO + ONE), cutOffAt("")]).toEqual(['q\\"1', undefined, undefined]);
  expect(agentFailed("", undefined, cut).message).toBe(
    'The agent that loads programs failed while it loaded q\\"1: it was ended from outside.',
  );
});

test("bytes that are no text do not break the answers", async (ctx) => {
  needTool("cc", ctx);
  const text = join(folder, "odd.c");
  writeFileSync(
    text,
    `#include "agent.h"\nint main(void)\n{\n\tjson_begin();\n\tjson_number("agent", 1);\n\tjson_text("release", "\\xff\\xc3(\\xe2\\x82\\x01\\x7f\\"\\\\\\t\\n\\r\\x1b[31m\\xe8\\xaa\\x9e");\n\tjson_end();\n\treturn 0;\n}\n`,
  );
  const made = await run("cc", ["-I", source, "-o", "odd", text, join(source, "json.c")], { cwd: folder });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const { stdout } = await run(join(folder, "odd"), [], { cwd: folder });
  expect(readTried(stdout).hello.release).toBe('\ufffd\ufffd(\ufffd\u0001\u007f"\\\t\n\r\u001b[31m語');
});
