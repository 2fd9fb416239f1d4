/** clang: which one to use, and its command line for a BPF object, as data. */

import { existsSync } from "node:fs";
import { arch } from "node:os";
import { basename, dirname, join } from "node:path";
import { run } from "./run.ts";

export interface Clang {
  readonly program: string;
  readonly version: number;
}

const NEWEST = 23;
/** Older ones miss BTF that today's programs rely on. */
const OLDEST = 11;
/** Names under which distributions and Homebrew install it, best first. */
const CANDIDATES = [
  "clang",
  ...Array.from({ length: NEWEST - OLDEST + 1 }, (_, i) => `clang-${NEWEST - i}`),
  "/opt/homebrew/opt/llvm/bin/clang",
  "/usr/local/opt/llvm/bin/clang",
];

/** The newest clang that can make BPF objects, or undefined. `wanted` is the person's own choice and the only one tried. */
export async function findClang(wanted: string, cwd: string): Promise<Clang | undefined> {
  const candidates = wanted === "" ? CANDIDATES : [wanted];
  const found = (await Promise.all(candidates.map((program) => probe(program, cwd)))).filter(
    (clang) => clang !== undefined,
  );
  return found.sort((a, b) => b.version - a.version)[0];
}

/** Apple's clang has no BPF target, so a version alone says nothing. */
async function probe(program: string, cwd: string): Promise<Clang | undefined> {
  try {
    const targets = await run(program, ["--print-targets"], { cwd });
    if (targets.code !== 0 || !/^\s*bpf\b/m.test(targets.stdout)) return undefined;
    const version = /clang version (\d+)/.exec((await run(program, ["--version"], { cwd })).stdout)?.[1];
    return { program, version: Number(version ?? 0) };
  } catch {
    return undefined;
  }
}

/** `foo.bpf.c` → `foo.bpf.o`; a plain `foo.c` must not overwrite the `foo.o` of a user-space build. */
export function objectFile(source: string): string {
  const stem = basename(source)
    .replace(/\.c$/, "")
    .replace(/\.bpf$/, "");
  return join(dirname(source), `${stem}.bpf.o`);
}

export function buildArguments(source: string, object: string, flags: readonly string[]): readonly string[] {
  return [
    // Line information for the verifier's log and types for libbpf: an object without them is of no use.
    "-g",
    "-O2",
    "-Wall",
    "-target",
    "bpf",
    `-D__TARGET_ARCH_${targetArch(arch())}`,
    `-I${dirname(source)}`,
    ...multiarchInclude(arch()),
    ...flags,
    "-c",
    source,
    "-o",
    object,
  ];
}

const TARGET_ARCHES: Readonly<Record<string, string>> = {
  x64: "x86",
  ia32: "x86",
  arm64: "arm64",
  arm: "arm",
  riscv64: "riscv",
  s390x: "s390",
  ppc64: "powerpc",
  loong64: "loongarch",
  mips: "mips",
  mipsel: "mips",
};

/** The name that libbpf's bpf_tracing.h asks for. */
export function targetArch(machine: string): string {
  return TARGET_ARCHES[machine] ?? "x86";
}

const TRIPLES: Readonly<Record<string, string>> = {
  x64: "x86_64-linux-gnu",
  arm64: "aarch64-linux-gnu",
  arm: "arm-linux-gnueabihf",
  riscv64: "riscv64-linux-gnu",
  s390x: "s390x-linux-gnu",
  ppc64: "powerpc64le-linux-gnu",
};

/** Debian and Ubuntu keep `asm/` in a folder per architecture, which `-target bpf` does not look into. */
function multiarchInclude(machine: string): readonly string[] {
  const folder = `/usr/include/${TRIPLES[machine] ?? machine}`;
  return existsSync(folder) ? [`-I${folder}`] : [];
}
