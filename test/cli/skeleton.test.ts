/** `hookpoint skeleton`, as a person types it: the command line that ships, in a folder of its own. */

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { dist, example } from "../support/paths.ts";
import { needTool } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint cli skeleton-"));
afterAll(() => rmSync(folder, { recursive: true }));

function hookpoint(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "server/cli.js"), "skeleton", ...args], {
    cwd,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function project(): string {
  const own = mkdtempSync(join(folder, "project "));
  cpSync(example, own, { recursive: true });
  return own;
}

test("from source to program, and a loader of one's own is never written over", () => {
  needTool("bpftool");
  const own = project();
  expect(hookpoint(own, "--loader", "execwatch.bpf.c")).toEqual({
    status: 0,
    stdout: "execwatch.skel.h\nexecwatch.c\n",
    stderr: "",
  });
  execFileSync("gcc", ["-Wall", "-Wextra", "-Werror", "execwatch.c", "-o", "execwatch", "-lbpf"], { cwd: own });
  expect(readFileSync(join(own, "execwatch.c"), "utf8")).toContain('#include "event.h"');

  writeFileSync(join(own, "execwatch.c"), "/* mine */\n");
  const again = hookpoint(own, "--loader", "execwatch.bpf.c");
  expect([again.status, again.stderr]).toEqual([
    2,
    expect.stringMatching(
      /execwatch\.c is there already, and was not generated: it is not written over\. With --force it is\./,
    ),
  ]);
  expect(readFileSync(join(own, "execwatch.c"), "utf8")).toBe("/* mine */\n");
  expect(hookpoint(own, "--loader", "--force", "execwatch.bpf.c").status).toBe(0);
  expect(readFileSync(join(own, "execwatch.c"), "utf8")).toContain("ring_buffer__new");
});

test("a loader elsewhere includes what lies beside the source", () => {
  needTool("bpftool");
  const own = project();
  const { stdout } = hookpoint(own, "--loader-file", join("user space", "watch.c"), "execwatch.bpf.c");
  expect(stdout).toBe(`execwatch.skel.h\n${join("user space", "watch.c")}\n`);
  const text = readFileSync(join(own, "user space", "watch.c"), "utf8");
  expect(text).toContain('#include "../event.h"');
  expect(text).toContain('#include "../execwatch.skel.h"');
  execFileSync("gcc", ["-Wall", "-Wextra", "-Werror", "user space/watch.c", "-o", "watch", "-lbpf"], { cwd: own });
});

test("what cannot be done ends with 2, what is wrong in the source with 1, and neither leaves anything", () => {
  needTool("bpftool");
  const own = project();
  const before = readdirSync(own).sort();
  for (const [args, says] of [
    [[], "No file given."],
    [["--kind", "x", "execwatch.bpf.c"], 'There is no kind "x". Choose c, light, sub, go, rust.'],
    [["--kind", "light", "--loader", "execwatch.bpf.c"], "--loader is for skeletons of kind c, not light."],
    [["--name", "a b", "execwatch.bpf.c"], 'A skeleton cannot be called "a b"'],
    [["nowhere.bpf.c"], "nowhere.bpf.c cannot be built: there is no such file."],
    [["--bpftool", "/nowhere/bpftool", "execwatch.bpf.c"], "cannot be run: there is no such program."],
  ] as const) {
    const { status, stdout, stderr } = hookpoint(own, ...args);
    expect([status, stdout], args.join(" ")).toEqual([2, ""]);
    expect(stderr).toContain(says);
  }
  expect(readdirSync(own).sort()).toEqual(before);

  writeFileSync(join(own, "bad.bpf.c"), "int f(void) { return y; }\n");
  const { status, stdout, stderr } = hookpoint(own, "bad.bpf.c");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("use of undeclared identifier 'y'");
  expect(readdirSync(own).sort()).toEqual(["bad.bpf.c", ...before].sort());
});
