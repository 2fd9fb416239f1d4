/** GCC's BPF back end: which will do, and what it is told. Where none is installed that will do, a script stands in for it. */

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { buildObject } from "../../server/src/toolchain/build.ts";
import { planBuild } from "../../server/src/toolchain/plan.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint gcc-"));
const { PATH: path, XDG_CACHE_HOME: cache } = process.env;
process.env["XDG_CACHE_HOME"] = join(folder, "cache");
afterAll(() => {
  process.env["PATH"] = path;
  if (cache === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = cache;
  rmSync(folder, { recursive: true });
});

let bin = "";
const source = join(folder, "x.bpf.c");
writeFileSync(source, "int p(void) { return 0; }\n");
beforeEach(() => {
  bin = mkdtempSync(join(folder, "bin "));
  process.env["PATH"] = [bin, path].join(delimiter);
});

/** A GCC that says its version, and otherwise writes down how it was called and makes an object of it. */
function fake(name: string, version: string, machine = "bpf-unknown-none"): string {
  const program = join(bin, name);
  const script = [
    "#!/bin/sh",
    `case "$1" in -dumpmachine) echo ${machine}; exit;; -dumpfullversion) echo ${version}; exit;; esac`,
    'for last; do :; done; printf "%s\\n" "$@" > "$last"',
  ];
  writeFileSync(program, `${script.join("\n")}\n`);
  chmodSync(program, 0o755);
  return program;
}

test("the newest is taken, told what it needs, and spared what clang alone knows", async () => {
  fake("bpf-gcc", "14.2.0");
  const newest = fake("bpf-unknown-none-gcc", "15.1.0");
  const flags = ["-target", "bpf", "--target=bpf", "-mllvm", "-bpf-stack-size=1024", "-DX"];
  writeFileSync(join(bin, "hookpoint.json"), JSON.stringify({ build: { compiler: "gcc", flags } }));
  const inside = join(bin, "x.bpf.c");
  writeFileSync(inside, "int p(void) { return 0; }\n");
  const { ok, plan } = await buildObject(inside, workIn(bin));
  expect([ok, plan.program, plan.version, plan.compiler]).toEqual([true, newest, "15.1.0", "gcc"]);
  const words = readFileSync(plan.object, "utf8").split("\n");
  expect(words).toEqual(
    expect.arrayContaining(["-DX", "-g", "-O2", "-mcpu=v3", "-mco-re", "-idirafter", "/usr/include"]),
  );
  for (const one of ["-target", "bpf", "--target=bpf", "-mllvm", "-bpf-stack-size=1024"])
    expect(words).not.toContain(one);
  expect(plan.notes).toContainEqual(expect.stringContaining("no line information"));
});

test.each([
  ["12.2.0", "bpf-unknown-none", "is version 12.2.0, and 14 is the oldest that will do"],
  ["14.1.0", "x86_64-linux-gnu", "compiles for x86_64-linux-gnu, not for BPF"],
  ["", "bpf-unknown-none", "does not say its version"],
  ["14.1.0", "''", "does not say what it compiles for"],
])("one that will not do is named with the reason: %s for %s", async (version, machine, reason) => {
  const program = fake("bpf-gcc", version, machine);
  const problem = planBuild(source, workIn(folder, { compiler: "gcc", gcc: program }));
  await expect(problem).rejects.toThrow(reason);
  await expect(problem).rejects.toMatchObject({ remedy: { setting: "hookpoint.tools.gcc" } });
});

test("the real one is used or refused for its age", async (ctx) => {
  needTool("bpf-gcc", ctx);
  const inside = join(bin, "x.bpf.c");
  writeFileSync(inside, "int p(void) { int unused; return y; }\n");
  const answer = await buildObject(inside, workIn(bin, { compiler: "gcc" })).catch((error: Error) => error.message);
  if (typeof answer === "string") return expect(answer).toMatch(/is version 1[0-3]\.\d+\.\d+, and 14 is the oldest/);
  expect(answer.diagnostics.map(({ severity }) => severity)).toContain("error");
});
