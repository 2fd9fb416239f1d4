/** libbpf's headers and vmlinux.h where projects keep them, with real folders and the real pkg-config. */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findLibbpf, installHeaders, libbpfIncludes } from "../../server/src/toolchain/libbpf.ts";
import { findVmlinux } from "../../server/src/toolchain/vmlinux-header.ts";
import { foldersUp } from "../../server/src/toolchain/workspace-files.ts";
import { needTool, workIn } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "hookpoint libbpf-"));
const path = process.env["PATH"];
afterAll(() => rmSync(folder, { recursive: true }));

/** A project of some empty files. */
function project(...files: readonly string[]): string {
  const root = mkdtempSync(join(folder, "a project "));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

test.each([
  ["bpf/bpf_helpers.h", "."],
  [".output/bpf/bpf_helpers.h", ".output"],
  ["build/libbpf/usr/include/bpf/bpf_helpers.h", "build/libbpf/usr/include"],
  ["third_party/libbpf/dest/usr/include/bpf/bpf_helpers.h", "third_party/libbpf/dest/usr/include"],
  ["libbpf/src/dest/usr/include/bpf/bpf_helpers.h", "libbpf/src/dest/usr/include"],
  ["src/prog/bpf/bpf_helpers.h", "src/prog"],
  [
    "target/debug/build/libbpf-sys-1a2b/out/include/bpf/bpf_helpers.h",
    "target/debug/build/libbpf-sys-1a2b/out/include",
  ],
])("a workspace's own headers are found: %s", async (file, include) => {
  const root = project(file, "src/prog/deep/x.bpf.c");
  const { found } = await findLibbpf(join(root, "src/prog/deep"), workIn(root));
  expect(found).toEqual({ include: join(root, include), origin: "workspace", version: undefined });
  expect(await libbpfIncludes(root, workIn(root))).toEqual([join(root, include)]);
});

test("the nearest headers win, and say their version", async () => {
  const root = project("include/bpf/bpf_helpers.h", "tool/include/bpf/bpf_helpers.h");
  const version = "#define LIBBPF_MAJOR_VERSION 1\n#define LIBBPF_MINOR_VERSION 5\n";
  writeFileSync(join(root, "tool/include/bpf/libbpf_version.h"), version);
  const { found } = await findLibbpf(join(root, "tool"), workIn(root));
  expect(found).toEqual({ include: join(root, "tool/include"), origin: "workspace", version: "1.5" });
});

test("a setting is the only one tried, and one that names nothing is said so", async () => {
  const root = project("include/bpf/bpf_helpers.h", "mine/bpf/bpf_helpers.h");
  const { found } = await findLibbpf(root, workIn(root, { libbpf: "mine" }));
  expect(found).toMatchObject({ include: join(root, "mine"), origin: "setting" });
  await expect(findLibbpf(root, workIn(root, { libbpf: "other" }))).rejects.toThrow(
    '"other", named in hookpoint.build.libbpf, has no bpf/bpf_helpers.h in it.',
  );
});

test("libbpf's sources that nobody has installed yet are named, with the command for it", async () => {
  const root = project("libbpf/src/bpf_helpers.h");
  const { sources } = await findLibbpf(root, workIn(root));
  expect(sources).toBe(join(root, "libbpf/src"));
  expect(installHeaders("lib bpf/src")).toBe(`make -C 'lib bpf/src' install_headers DESTDIR="$PWD/build/libbpf"`);
});

test("pkg-config is asked, also about a folder with spaces in its name", async () => {
  needTool("pkg-config");
  const root = project("sdk/in clude/bpf/bpf_helpers.h");
  const text = `Name: libbpf\nDescription: d\nVersion: 9\nCflags: -I"${join(root, "sdk/in clude")}"\n`;
  writeFileSync(join(root, "libbpf.pc"), text);
  const before = process.env["PKG_CONFIG_PATH"];
  process.env["PKG_CONFIG_PATH"] = root;
  try {
    const { found } = await findLibbpf(root, workIn(root));
    expect(found).toMatchObject({ include: join(root, "sdk/in clude"), origin: "pkg-config" });
  } finally {
    if (before === undefined) delete process.env["PKG_CONFIG_PATH"];
    else process.env["PKG_CONFIG_PATH"] = before;
  }
});

test.runIf(process.platform === "linux")("the installed headers need no flag", async () => {
  const root = project("x.bpf.c");
  process.env["PATH"] = "";
  try {
    const { found } = await findLibbpf(root, workIn(root));
    if (process.env["CI"] || found !== undefined)
      expect(found).toMatchObject({ origin: "system", version: expect.stringMatching(/^\d+\.\d+$/) });
    expect(await libbpfIncludes(root, workIn(root))).toEqual([]);
  } finally {
    process.env["PATH"] = path;
  }
});

test("vmlinux.h is found beside the source, above it and where projects keep it, by processor", async () => {
  for (const file of ["src/vmlinux.h", "vmlinux.h", "include/vmlinux.h", "vmlinux/arm64/vmlinux.h"]) {
    const root = project(file, "src/x.bpf.c");
    expect(await findVmlinux(join(root, "src"), workIn(root, { arch: "arm64" }))).toBe(join(root, file));
  }
  const root = project("vmlinux/x86/vmlinux.h");
  expect(await findVmlinux(root, workIn(root, { arch: "arm64" }))).toBeUndefined();
});

test("the folders above a source end at the workspace, and with none outside of it", () => {
  expect(foldersUp(join("/w", "a", "b"), "/w")).toEqual([join("/w", "a", "b"), join("/w", "a"), "/w"]);
  expect(foldersUp("/other/a", "/w")).toEqual(["/other/a", "/w"]);
});

test.runIf(process.platform !== "win32")("pipes and circles of links hold nothing up", async () => {
  const root = project("include/bpf/bpf_helpers.h", "third_party/a/x.h");
  execFileSync("mkfifo", [join(root, "include/bpf/libbpf_version.h"), join(root, "vmlinux.h")]);
  symlinkSync("..", join(root, "third_party/a/circle"));
  expect((await findLibbpf(root, workIn(root))).found).toMatchObject({ origin: "workspace", version: undefined });
  expect(await findVmlinux(root, workIn(root))).toBeUndefined();
});
