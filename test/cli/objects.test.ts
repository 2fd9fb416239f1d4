/** `hookpoint inspect` and `hookpoint disassemble` as they ship. */

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { compiled, EVERYTHING } from "../support/objects.ts";
import { dist } from "../support/paths.ts";
import { needTool } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint objects'ö $(x) "));
afterAll(() => rmSync(folder, { recursive: true }));

function hookpoint(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(dist, "server", "cli.js"), ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

/** In a folder and under a name that shells would take for something else. */
function object(): string {
  const name = "-a b'ö $(x).bpf.o";
  copyFileSync(compiled(EVERYTHING), join(folder, name));
  return `./${name}`;
}

test("inspect prints what an object holds, with names for numbers", (ctx) => {
  needTool("clang", ctx);
  const { status, stdout, stderr } = hookpoint("inspect", object());
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("- Licence: `Dual MIT/GPL`\n");
  expect(stdout).toMatch(/^\| `on_switch` \| `tp\/sched\/sched_switch` \| TRACEPOINT +\|/m);
  expect(stdout).toMatch(
    /^\| `on_open` {3}\| `\?lsm\.s\/file_open` +\| LSM, BPF_LSM_MAC, sleepable, loaded on demand \|/m,
  );
  expect(stdout).toMatch(
    /^\| `seen` +\| HASH +\| `u32` \(4\) \| `struct point` \(20\) \| +16 \| `flags 0x1` `pinned by its name`/m,
  );
  expect(stdout).toContain("`bpf_loop`");
});

test("inspect gives JSON, one entry an object", (ctx) => {
  needTool("clang", ctx);
  const name = object();
  const { status, stdout } = hookpoint("inspect", "--format", "json", name, name);
  expect(status).toBe(0);
  const { format, files } = JSON.parse(stdout);
  expect([format, files.length]).toEqual([1, 2]);
  expect(files[0]).toMatchObject({ path: name, licence: "Dual MIT/GPL", byteOrder: "little", problems: [] });
});

test("what is no object is named with the reason, and the others are shown", (ctx) => {
  needTool("clang", ctx);
  writeFileSync(join(folder, "text.o"), "no object");
  mkdirSync(join(folder, "folder.o"));
  spawnSync("mkfifo", [join(folder, "pipe.o")]);
  writeFileSync(join(folder, "large.o"), "");
  truncateSync(join(folder, "large.o"), 100 * 1024 * 1024);
  const whole = readFileSync(compiled(EVERYTHING));
  writeFileSync(join(folder, "half.o"), whole.subarray(0, whole.length / 2));
  const { status, stdout, stderr } = hookpoint(
    "inspect",
    "text.o",
    "folder.o",
    "pipe.o",
    "half.o",
    "large.o",
    "none.o",
    object(),
  );
  expect(status).toBe(2);
  expect(stderr.split("\n")).toEqual([
    "hookpoint: text.o cannot be shown. This is no object file: it does not begin as ELF files do.",
    "hookpoint: folder.o cannot be read: it is no file.",
    "hookpoint: pipe.o cannot be read: it is no file.",
    "hookpoint: half.o cannot be shown. The object is cut off or damaged: its section table would lie outside of the file.",
    "hookpoint: large.o cannot be read: it has 100 MB, which no object for BPF has.",
    "hookpoint: none.o cannot be read: there is no such file.",
    "",
  ]);
  expect(stdout).toContain("on_switch");
});

test("disassemble prints instructions with the lines they come from, or without", (ctx) => {
  needTool("clang", ctx);
  const name = object();
  const { status, stdout } = hookpoint("disassemble", "--program", "thrice", name);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^; int thrice\(int x\) called by programs\nthrice:\n; return x \* 3 \+ wanted; @ .*\.bpf\.c:\d+\n {3}0: /,
  );
  expect(stdout).toMatch(/ = map\[\.rodata\]\[0\]\+0 ; wanted$/m);
  expect(stdout).not.toContain("on_switch:");
  expect(hookpoint("disassemble", "--program", "thrice", "--no-source", name).stdout).not.toContain("; return");
  expect(hookpoint("disassemble", "--program", "thrice", name, name).stdout.split(`; ${name}\n`)).toHaveLength(3);
  expect(hookpoint("disassemble", "--program", "nobody", name)).toMatchObject({
    status: 2,
    stdout: "",
    stderr: expect.stringMatching(/has no program "nobody"\. It has: .*on_switch.*\.\n$/),
  });
});

test("disassemble gives JSON with the place of each instruction", (ctx) => {
  needTool("clang", ctx);
  const { stdout } = hookpoint("disassemble", "--format", "json", "--program", "on_open", object());
  const [{ functions }] = JSON.parse(stdout).files;
  expect(functions).toHaveLength(1);
  expect(functions[0]).toMatchObject({
    name: "on_open",
    section: "?lsm.s/file_open",
    isProgram: true,
    prototype: "int on_open(void *ctx)",
  });
  expect(functions[0].instructions[0].source).toMatchObject({ line: expect.any(Number), text: expect.any(String) });
});

test("a source is built first; one that does not compile is something wrong in the sources", (ctx) => {
  needTool("clang", ctx);
  writeFileSync(
    join(folder, "good.bpf.c"),
    'int f(void *c) { return 7; }\nchar L[] __attribute__((section("license"), used)) = "GPL";\n',
  );
  expect(hookpoint("disassemble", "good.bpf.c")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("r0 = 7\n"),
  });
  writeFileSync(join(folder, "bad.bpf.c"), "int f(void *c) { return y; }\n");
  const { status, stdout, stderr } = hookpoint("disassemble", "bad.bpf.c");
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("use of undeclared identifier 'y'");
});

test("without -g it is said that there are no lines", (ctx) => {
  needTool("clang", ctx);
  const text = 'int f(void *c) __attribute__((section("xdp"), used));\nint f(void *c) { return 2; }\n';
  const path = compiled(text, ["-g0"], ctx);
  expect(hookpoint("disassemble", path).stdout).toContain("it was built without -g, or");
  expect(hookpoint("inspect", path).stdout).toMatch(/Types: none \(no BTF\)[\s\S]*Source lines: none/);
});

test("bad use is said with the usage", () => {
  for (const args of [
    ["inspect"],
    ["disassemble"],
    ["inspect", "--format", "xml", "x.o"],
    ["inspect", "--program", "x"],
  ])
    expect(hookpoint(...args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("Usage:\n") });
});
