/** bpf2go's command line: the project's own `//go:generate` line where it has one for the source, else ours. */

import { readdir } from "node:fs/promises";
import { arch } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Work } from "../choices.ts";
import { clang } from "../clang.ts";
import { splitWords } from "../flags/split.ts";
import { go } from "../go.ts";
import { planBuild, stemOf } from "../plan.ts";
import { need } from "../tool.ts";
import { foldersUp } from "../workspace-files.ts";
import type { BindingCommand } from "./bindings.ts";
import { textOf } from "./project-kind.ts";

const BPF2GO = "github.com/cilium/ebpf/cmd/bpf2go";

/** What Go calls the processors, by what Node and `hookpoint.arch` call them. */
const TARGETS: Readonly<Record<string, string>> = {
  x64: "amd64",
  x86_64: "amd64",
  arm64: "arm64",
  arm: "arm",
  riscv64: "riscv64",
  s390x: "s390x",
  powerpc: "ppc64le",
  ppc64: "ppc64le",
  loong64: "loong64",
  loongarch64: "loong64",
};

export async function goCommand(source: string, work: Work, module: string): Promise<BindingCommand> {
  const { program } = await need(go, "", work.root, work.signal);
  // bpf2go takes no other compiler, whatever builds are made with.
  const { program: cc } = await need(clang, work.choices.clang, work.root, work.signal);
  const env = { BPF2GO_CC: cc };
  const packages = await goFilesAbove(source, module);
  const own = packages.find(({ path, text }) => generates(text, dirname(path), source));
  if (own !== undefined) {
    // Only this line: others of the file may do anything, and take their time.
    return {
      program,
      args: ["generate", "-run", "bpf2go", basename(own.path)],
      cwd: dirname(own.path),
      env,
      name: "go generate",
    };
  }
  const [beside] = packages;
  const cwd = beside === undefined ? module : dirname(beside.path);
  const packageName = /^package\s+(\w+)/m.exec(beside?.text ?? "")?.[1] ?? "main";
  const { flags } = await planBuild(source, work);
  const target = TARGETS[work.choices.arch === "" ? arch() : work.choices.arch] ?? "bpfel";
  const options = ["-go-package", packageName, "-cc", cc, "-target", target];
  const args = ["run", BPF2GO, ...options, identifier(source), relative(cwd, source), "--", ...forBpf2go(flags)];
  return { program, args, cwd, env, name: "bpf2go" };
}

interface GoFile {
  readonly path: string;
  readonly text: string;
}

/** Those of the nearest folder come first. */
async function goFilesAbove(source: string, module: string): Promise<readonly GoFile[]> {
  const found: GoFile[] = [];
  for (const folder of foldersUp(dirname(source), module)) {
    const names = (await readdir(folder).catch(() => [])).filter((name) => /(?<!_test)\.go$/.test(name)).sort();
    for (const name of names) {
      const path = join(folder, name);
      const text = await textOf(path);
      // What bpf2go itself has written is no place for a new one.
      if (!/^\/\/ Code generated\b/m.test(text)) found.push({ path, text });
    }
  }
  return found;
}

/** Whether a text has a line for bpf2go that names the source. */
function generates(text: string, folder: string, source: string): boolean {
  const lines = [...text.matchAll(/^\/\/go:generate\s+(.*\bbpf2go\b.*)$/gm)];
  return lines.some(([, line = ""]) => {
    return splitWords(line).some((word) => resolve(folder, word) === source);
  });
}

/** `execWatch` for `exec-watch.bpf.c`: the stem of Go's names. */
function identifier(source: string): string {
  const words = stemOf(source)
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  const [first = "bpf", ...more] = words;
  const name = first.charAt(0).toLowerCase() + first.slice(1) + more.map(capitalised).join("");
  return /^\d/.test(name) ? `bpf${name}` : name;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** It sets the target, the optimisation and debug information by itself. */
function forBpf2go(flags: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] ?? "";
    if (flag === "-target") i++;
    else if (!/^(?:-g|-O.|--target=.*|-D__TARGET_ARCH_\w+|-c)$/.test(flag)) kept.push(flag);
  }
  return kept;
}
