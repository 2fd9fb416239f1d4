/** Tools that are old, broken or others than they seem: small scripts in their place, each with one clear message. */

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { bpftool } from "../../server/src/toolchain/bpftool.ts";
import { cargo } from "../../server/src/toolchain/cargo.ts";
import { cc } from "../../server/src/toolchain/cc.ts";
import { clang } from "../../server/src/toolchain/clang.ts";
import { clangd } from "../../server/src/toolchain/clangd.ts";
import { go } from "../../server/src/toolchain/go.ts";
import { make } from "../../server/src/toolchain/make.ts";
import { ToolProblem } from "../../server/src/toolchain/problem.ts";
import { find, need, type ToolKind } from "../../server/src/toolchain/tool.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint 'fake' tools-"));
const path = process.env["PATH"];
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.env["PATH"] = path;
});

/** A program that answers by its arguments. */
function fake(name: string, script: string): string {
  const program = join(mkdtempSync(join(folder, "bin ")), name);
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Scripts of a shell stand in for tools. */
describe.runIf(process.platform !== "win32")("a tool that will not do", () => {
  const says = (text: string) => `echo '${text}'`;

  test.each<[string, ToolKind, string, string]>([
    ["an old clang", clang, says("clang version 9.0.1"), "is version 9.0.1, and 11 is the oldest that will do"],
    [
      "Apple's clang",
      clang,
      `case $1 in --version) ${says("Apple clang version 15.0.0 (clang-1500.3.9.4)")};; *) ${says("  Registered Targets:\n    arm64 - ARM64")};; esac`,
      "has no BPF target",
    ],
    [
      "Ubuntu's bpftool of another kernel",
      bpftool,
      'echo "WARNING: bpftool not found for kernel 6.8.0-31" >&2; exit 2',
      'fails when it is run with "version" (WARNING: bpftool not found for kernel 6.8.0-31)',
    ],
    [
      "a bpftool without linking",
      bpftool,
      `case $1 in version) ${says("bpftool v5.4.0")};; *) ${says("Usage: bpftool gen skeleton FILE")};; esac`,
      "is version 5.4.0, and 5.13 is the oldest that will do",
    ],
    ["something else", bpftool, says("hello"), "does not say its version, as bpftool would"],
    ["a broken program", clang, "kill -SEGV $$", 'fails when it is run with "--version"'],
  ])("%s", async (_, kind, script, reason) => {
    const program = fake(kind.name, script);
    const problem = await need(kind, program, folder).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(ToolProblem);
    expect((problem as ToolProblem).message).toBe(`"${program}", named in ${kind.setting}, ${reason}.`);
    expect((problem as ToolProblem).remedy).toEqual({ setting: kind.setting });
  });

  test("a file that cannot be started says why", async () => {
    const program = fake("clang", "");
    writeFileSync(program, "#!/no/such/interpreter\n");
    await expect(need(clang, program, folder)).rejects.toThrow("cannot be started (");
  });

  test("what was refused is told when nothing else is found, with what would install it", async () => {
    const program = fake("make", 'echo "make: stop" >&2; exit 1');
    process.env["PATH"] = join(program, "..");
    const problem = await need(make, "", folder).catch((error: unknown) => error);
    expect((problem as ToolProblem).message).toBe(
      `make is needed to build projects that have a Makefile, and none that was found will do: ${program} fails when it is run with "--version" (make: stop).`,
    );
    expect((problem as ToolProblem).remedy).toEqual({ install: "make" });
  });

  test("a tool that hangs is ended after a while, and said to", { timeout: 30_000 }, async () => {
    const pid = join(folder, "pid");
    const program = fake("clang", `echo $$ > '${pid.replaceAll("'", "'\\''")}'; sleep 600`);
    await expect(need(clang, program, folder)).rejects.toThrow('does not answer "--version" within 10 seconds');
    expect(isRunning(pid)).toBe(false);
  });

  test("a tool that hangs can be cancelled", async () => {
    const pid = join(folder, "cancelled pid");
    const program = fake("clang", `echo $$ > '${pid.replaceAll("'", "'\\''")}'; sleep 600`);
    const abort = new AbortController();
    const asked = need(clang, program, folder, abort.signal);
    const outcome = expect(asked).rejects.toThrow("Cancelled.");
    await expect.poll(() => readIfThere(pid), { timeout: 30_000 }).not.toBe("");
    abort.abort();
    await outcome;
    expect(isRunning(pid)).toBe(false);
  });

  test("who waits for the same answer is not cancelled with whoever asked first", async () => {
    const marker = join(folder, "asked once");
    const file = `'${marker.replaceAll("'", "'\\''")}'`;
    const program = fake("make", `if [ -e ${file} ]; then echo GNU Make 4.4; else touch ${file}; sleep 600; fi`);
    const abort = new AbortController();
    const first = expect(need(make, program, folder, abort.signal)).rejects.toThrow("Cancelled.");
    const second = need(make, program, folder);
    await expect.poll(() => existsSync(marker), { timeout: 30_000 }).toBe(true);
    abort.abort();
    await first;
    expect(await second).toEqual({ program, version: "4.4" });
  });

  test("the newest of several is taken, whatever else is in the path", async () => {
    const old = fake("clang", "echo clang version 9.0.1");
    const script = 'case $1 in --version) echo "clang version 99.1.0";; *) echo "    bpf - BPF";; esac';
    const good = fake("clang", script);
    process.env["PATH"] = `${join(old, "..")}:${join(good, "..")}:${path}`;
    const { tool, refused } = await find(clang, "", folder);
    expect(tool).toEqual({ program: good, version: "99.1.0" });
    expect(refused).toContainEqual({ program: old, reason: "is version 9.0.1, and 11 is the oldest that will do" });
  });

  test("a folder under two names holds its programs once", async () => {
    const program = fake("make", "exit 1");
    const other = join(folder, "other name");
    symlinkSync(join(program, ".."), other);
    process.env["PATH"] = `${join(program, "..")}:${other}`;
    const { refused } = await find(make, "", folder);
    expect(refused.map((one) => one.program)).toEqual([program]);
  });

  test("a kernel's version on a bpftool that can link is no reason to refuse it", async () => {
    const script =
      'case $1 in version) echo "bpftool v4.18.0-553";; *) echo "Usage: bpftool gen object OUT IN" >&2;; esac';
    const program = fake("bpftool", script);
    expect(await need(bpftool, program, folder)).toEqual({ program, version: "4.18.0" });
  });

  test.each<[string, ToolKind, string, string]>([
    ["gcc", cc, "gcc (GCC) 14.2.1 20240912 (Red Hat 14.2.1-3)", "14.2.1"],
    ["Alpine's", cc, "gcc (Alpine 13.2.1_git20231014) 13.2.1 20231014", "13.2.1"],
    ["clang", cc, "Debian clang version 19.1.7 (3~deb12u1)", "19.1.7"],
    ["make", make, "GNU Make 4.4.1", "4.4.1"],
    ["clangd", clangd, "Ubuntu clangd version 18.1.3 (1ubuntu1)", "18.1.3"],
    ["go", go, "go version go1.23.4 linux/amd64", "1.23.4"],
    ["cargo", cargo, "cargo 1.83.0 (5ffbef321 2024-10-29)", "1.83.0"],
  ])("the version of %s is read", async (_, kind, text, version) => {
    const program = fake("x", says(text));
    expect(await need(kind, program, folder)).toEqual({ program, version });
  });
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function isRunning(pidFile: string): boolean {
  const pid = Number(readIfThere(pidFile));
  expect(pid).toBeGreaterThan(0);
  try {
    process.kill(pid, 0);
    // What has ended stays in the list until somebody asks how.
    return !/^State:\s*Z/m.test(readIfThere(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
