/** `hookpoint explain` as it ships. */

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { families } from "../../server/src/analysis/verifier/families/index.ts";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { lineOf, logOf } from "../analysis/verifier/logs.ts";
import { dist } from "../support/paths.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint explain'ö $(x) "));
afterAll(() => rmSync(folder, { recursive: true }));
const cli = join(dist, "server", "cli.js");

function hookpoint(args: readonly string[], input = "") {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
    input,
  });
  return { status, stdout, stderr };
}

test("a file with a name that shells would take for something else", () => {
  const name = "-a b'ö $(x).log";
  writeFileSync(join(folder, name), logOf("7.3-count_unchecked-1"));
  const { status, stdout, stderr } = hookpoint(["explain", `./${name}`]);
  expect([status, stderr]).toEqual([1, ""]);
  expect(stdout).toContain("the program: refused, 8 of 1,000,000 instructions\n");
  expect(stdout).toContain(
    `sample.bpf.c:${lineOf("*value += 1;")}:9: Result may be NULL [source: result-may-be-null]\n`,
  );
  expect(stdout).toContain("verifier says: R0 invalid mem access 'map_value_or_null'\n");
  expect(stdout).toMatch(/ {2}What to do: \S/);
});

test("what is piped, as JSON", () => {
  const { status, stdout } = hookpoint(["explain", "--format", "json", "-"], logOf("6.18-read_behind-1"));
  expect(status).toBe(1);
  const { format, path, programs, answers } = JSON.parse(stdout);
  expect([format, path, answers]).toEqual([1, "-", []]);
  expect(programs).toMatchObject([{ verdict: "refused", stats: { processed: 14 }, answers: [{ by: "verifier" }] }]);
});

test("nothing refused is 0; what is no log is said to be none", () => {
  expect(hookpoint(["explain", "-"], logOf("6.18-classify-1"))).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("accepted, 44 of 1,000,000 instructions"),
    stderr: "",
  });
  expect(hookpoint(["explain", "-"], "hello\n")).toEqual({
    status: 0,
    stdout: "",
    stderr: "hookpoint: this is no verifier's log, and no failure of a loader that is known here.\n",
  });
});

/** Each statement is one instruction, whatever the compiler. */
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("socket") __attribute__((naked)) int first(void *ctx)
{
	asm volatile("r1 = 0");
	asm volatile("r0 = *(u32 *)(r1 + 0)");
	asm volatile("exit");
}
SEC("socket") int second(void *ctx)
{
	return 0;
}
`;
const OLD = `0: (b7) r1 = 0
1: (61) r0 = *(u32 *)(r1 +0)
R1 invalid mem access 'inv'
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

test("an object gives the lines that an older kernel does not", async (ctx) => {
  needTool("clang", ctx);
  const source = join(folder, "ab'ö $(x).bpf.c");
  writeFileSync(source, SOURCE);
  const { ok, plan, output } = await buildObject(source, workIn(folder));
  expect([ok, output]).toEqual([true, ""]);
  const where = "ab'ö $(x).bpf.c:6:";
  const named = `libbpf: prog 'first': -- BEGIN PROG LOAD LOG --\n${OLD}-- END PROG LOAD LOG --\n`;
  expect(hookpoint(["explain", "-"], named).stdout).not.toContain(where);
  expect(hookpoint(["explain", "--object", plan.object, "-"], named).stdout).toContain(where);
  expect(hookpoint(["explain", "--object", plan.object, "--program", "first", "-"], OLD).stdout).toContain(where);
  expect(hookpoint(["explain", "--object", plan.object, "-"], OLD)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("the log does not say which program it is of"),
  });
  expect(hookpoint(["explain", "--object", plan.object, "--program", "nope", "-"], OLD)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('The object has no program "nope"; it has first, second.'),
  });
});

test("families are listed and told of one by one", () => {
  const list = hookpoint(["explain", "--list"]).stdout.trimEnd().split("\n");
  expect(list).toHaveLength(families.length);
  for (const { id, title } of families)
    expect(list.some((line) => line.startsWith(`${id} `) && line.endsWith(title))).toBe(true);
  const { status, stdout } = hookpoint(["explain", "result-may-be-null"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^# Result may be NULL\n/);
  expect(stdout).toContain("- `R0 invalid mem access 'map_value_or_null'`");
});

test.each([
  [["result-may-be-nul"], "Did you mean result-may-be-null?"],
  [["gpl-only-helper"], "hookpoint check --explain gpl-only-helper"],
  [[], "No log given"],
  [["a", "b"], "One log at a time."],
  [["--format", "xml", "-"], 'There is no format "xml"'],
])("bad use %j is said in words", (args, words) => {
  expect(hookpoint(["explain", ...args])).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining(words),
  });
});

test("a folder is none", () => {
  expect(hookpoint(["explain", "."])).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("it is a folder"),
  });
});

test("Ctrl-C while it waits ends it", async () => {
  const child = spawn(process.execPath, [cli, "explain", "-"], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.write("0: R1=ctx() R10=fp0\n");
  // It must have begun to listen.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  child.kill("SIGINT");
  const code = await new Promise((resolve) => child.on("exit", resolve));
  expect(code).toBe(130);
});

test("damaged logs and binary files end in words, not in a crash", () => {
  const binary = join(folder, "binary.log");
  writeFileSync(binary, readFileSync(process.execPath).subarray(0, 4 << 20));
  for (const args of [
    ["explain", binary],
    ["explain", "/dev/null"],
  ]) {
    const { status, stderr } = hookpoint(args);
    expect([0, 1]).toContain(status);
    expect(stderr).not.toContain("    at ");
  }
});
