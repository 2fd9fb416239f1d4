/**
 * The command lines for projects in Go and Rust. Neither bpf2go nor libbpf-cargo can be had here: what would be run is run
 * with programs of ours by their names, which write down how they were called.
 */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeBindings } from "../../server/src/toolchain/skeleton/bindings.ts";
import { projectKind } from "../../server/src/toolchain/skeleton/project-kind.ts";
import { needTool, workIn } from "../support/tools.ts";
import { findClang } from "../vscode/process.mjs";

const folder = mkdtempSync(join(tmpdir(), "hookpoint bindings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PATH = process.env["PATH"] ?? "";
const BIN = join(folder, "bin");

/** Says its version, and else notes its folder, its arguments and what we have put into its environment. */
function fake(name: string, version: string, then = "exit 0"): void {
  mkdirSync(BIN, { recursive: true });
  const script = `#!/bin/sh
case "$1" in version|--version) echo "${version}"; exit 0;; esac
{ pwd; printf '%s\\n' "$@"; echo "cc=$BPF2GO_CC$CLANG"; } > '${join(folder, name)}.called'
${then}
`;
  writeFileSync(join(BIN, name), script);
  chmodSync(join(BIN, name), 0o755);
}

beforeEach(() => {
  fake("go", "go version go1.23.1 linux/amd64");
  fake("cargo", "cargo 1.84.0 (66221abde 2024-11-19)");
  process.env["PATH"] = `${BIN}${delimiter}${PATH}`;
});
afterEach(() => {
  process.env["PATH"] = PATH;
});

function project(name: string, texts: Readonly<Record<string, string>>): string {
  const top = join(folder, name);
  for (const [file, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), text);
  }
  return top;
}

const called = (name: string): readonly string[] =>
  readFileSync(join(folder, `${name}.called`), "utf8")
    .trim()
    .split("\n");

const GO_MOD = "module example.org/watch\n\nrequire github.com/cilium/ebpf v0.17.1\n";
const CARGO = '[package]\nname = "watch"\n\n[build-dependencies]\nlibbpf-cargo = "0.24"\n';

describe("which kind a project needs", () => {
  test.each([
    ["go", { "go.mod": GO_MOD, "bpf/x.bpf.c": "" }, "bpf/x.bpf.c"],
    ["rust", { "Cargo.toml": CARGO, "src/bpf/x.bpf.c": "" }, "src/bpf/x.bpf.c"],
    ["c", { "go.mod": "module example.org/other\n", "x.bpf.c": "" }, "x.bpf.c"],
    // The nearest counts: a Rust part of a Go project.
    ["rust", { "go.mod": GO_MOD, "part/Cargo.toml": CARGO, "part/src/x.bpf.c": "" }, "part/src/x.bpf.c"],
  ] as const)("%s", async (kind, texts, source) => {
    const top = project(`kind ${Math.random()}`, texts);
    expect((await projectKind(join(top, source), top)).kind).toBe(kind);
  });

  test("what lies above the folder that is worked in does not count", async () => {
    const top = project("outer", { "go.mod": GO_MOD, "inner/x.bpf.c": "" });
    const inner = join(top, "inner");
    expect(await projectKind(join(inner, "x.bpf.c"), inner)).toEqual({ kind: "c", folder: inner });
  });
});

async function bindings(top: string, source: string): Promise<Awaited<ReturnType<typeof makeBindings>>> {
  const path = join(top, source);
  return makeBindings(path, workIn(top), await projectKind(path, top));
}

describe("Go", () => {
  test("the project's own line is run, and no other", async () => {
    needTool("clang");
    const line =
      "//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -target amd64 watch ./bpf/watch.bpf.c -- -O2\n";
    const top = project("go own", { "go.mod": GO_MOD, "main.go": `package main\n\n${line}`, "bpf/watch.bpf.c": "" });
    const { ok } = await bindings(top, "bpf/watch.bpf.c");
    expect(ok).toBe(true);
    const [cwd, ...rest] = called("go");
    expect(cwd).toBe(top);
    expect(rest).toEqual(["generate", "-run", "bpf2go", "main.go", expect.stringMatching(/^cc=\/.*clang/)]);
  });

  test("without one bpf2go is run with the package, the processor and the includes", async () => {
    needTool("clang");
    const top = project("go $(none)", {
      "go.mod": GO_MOD,
      "main.go": "// A watcher.\npackage watcher\n\n//go:generate bpf2go other other.bpf.c\n",
      "exec-watch.bpf.c": "",
      "other.bpf.c": "",
    });
    await bindings(top, "exec-watch.bpf.c");
    const [cwd, ...rest] = called("go");
    expect(cwd).toBe(top);
    const end = rest.indexOf("--");
    expect(rest.slice(0, end)).toEqual([
      ...["run", "github.com/cilium/ebpf/cmd/bpf2go", "-go-package", "watcher", "-cc"],
      expect.stringContaining("clang"),
      ...["-target", process.arch === "arm64" ? "arm64" : "amd64", "execWatch", "exec-watch.bpf.c"],
    ]);
    expect(rest.slice(end)).toContain(`-I${top}`);
    expect(rest.join(" ")).not.toMatch(/-target bpf|__TARGET_ARCH|-O2/);
    expect(findClang()).toBeTruthy();
  });

  test("a module without bpf2go is told how to get it, and a failure is one", async () => {
    needTool("clang");
    const top = project("go none", { "go.mod": GO_MOD, "x.bpf.c": "" });
    fake("go", "go version go1.23.1 linux/amd64", "echo 'no required module provides package bpf2go' >&2; exit 1");
    await expect(bindings(top, "x.bpf.c")).rejects.toThrow("go get -tool github.com/cilium/ebpf/cmd/bpf2go adds it.");
    fake("go", "go version go1.23.1 linux/amd64", "echo 'x.bpf.c:1: error: no' >&2; exit 1");
    expect(await bindings(top, "x.bpf.c")).toMatchObject({ ok: false, output: "x.bpf.c:1: error: no\n" });
  });

  test("a go that is none is said to be so", async () => {
    const top = project("go broken", { "go.mod": GO_MOD, "x.bpf.c": "" });
    process.env["PATH"] = BIN;
    fake("go", "something else");
    await expect(bindings(top, "x.bpf.c")).rejects.toThrow(/go is needed to build the loader of a Go project/);
  });
});

describe("Rust", () => {
  test("a build.rs that makes skeletons is run by cargo", async () => {
    needTool("clang");
    const build = "use libbpf_cargo::SkeletonBuilder;\nfn main() { SkeletonBuilder::new(); }\n";
    const top = project("rust own", { "Cargo.toml": CARGO, "build.rs": build, "src/bpf/watch.bpf.c": "" });
    expect((await bindings(top, "src/bpf/watch.bpf.c")).ok).toBe(true);
    const rest = called("cargo");
    expect(rest.slice(0, 4)).toEqual([top, "build", "--manifest-path", join(top, "Cargo.toml")]);
  });

  test("without one cargo libbpf is, where it would find the source", async () => {
    needTool("clang");
    const top = project("rust plain", { "Cargo.toml": CARGO, "src/bpf/watch.bpf.c": "", "watch.bpf.c": "" });
    await bindings(top, "src/bpf/watch.bpf.c");
    const words = called("cargo");
    expect(words.slice(1, 6)).toEqual(["libbpf", "make", "--manifest-path", join(top, "Cargo.toml"), "--clang-path"]);
    await expect(bindings(top, "watch.bpf.c")).rejects.toThrow(
      "cargo libbpf takes sources named src/bpf/NAME.bpf.c, and watch.bpf.c is watch.bpf.c.",
    );
  });

  test("a cargo without libbpf is told how to get it", async () => {
    needTool("clang");
    fake("cargo", "cargo 1.84.0", "echo 'error: no such command: `libbpf`' >&2; exit 101");
    const top = project("rust none", { "Cargo.toml": CARGO, "src/bpf/x.bpf.c": "" });
    await expect(bindings(top, "src/bpf/x.bpf.c")).rejects.toThrow("cargo install libbpf-cargo adds it");
  });
});
