/** The command that installs what is missing, for the distribution that is told of: it is only shown and typed in, never run here. */

import { nameOf, type OsRelease, type PackageManager } from "./package-manager.ts";
import { packageManager } from "./packages.ts";
import type { Installable } from "./problem.ts";
import { quoted } from "./step.ts";
import type { System } from "./system.ts";

export interface Installation {
  /** Program and arguments; undefined where there is none. */
  readonly command: readonly string[] | undefined;
  readonly needsRoot: boolean;
  /** What the command does not install, with what else there is to do; empty when it says it all. */
  readonly advice: string;
}

export function installation(wanted: readonly Installable[], system: System): Installation {
  const manager = managerOf(system);
  if (typeof manager === "string") return { command: undefined, needsRoot: false, advice: manager };
  const { command, needsRoot, packages, options } = manager;
  const names = unique(wanted.flatMap((what) => packages[what] ?? []));
  const more = unique(wanted.flatMap((what) => options?.[what] ?? []));
  const lacking = unique(wanted.filter((what) => packages[what] === undefined));
  const advice = [
    ...(lacking.length === 0 ? [] : [whyLacking(lacking, system)]),
    ...(names.length === 0 || manager.advice === undefined ? [] : [manager.advice]),
  ].join(" ");
  return { command: names.length === 0 ? undefined : [...command, ...more, ...names], needsRoot, advice };
}

/** As it is typed into a terminal. Who asks for a password is `sudo`. */
export function commandText({ command, needsRoot }: Installation, isRoot: boolean): string | undefined {
  if (command === undefined) return undefined;
  return [...(needsRoot && !isRoot ? ["sudo"] : []), ...command].map(quoted).join(" ");
}

/** "Debian GNU/Linux 12 (bookworm)". */
export function systemName({ platform, osRelease }: System): string {
  if (platform === "darwin") return "macOS";
  if (platform === "win32") return "Windows";
  return osRelease === "" ? platform : nameOf(readOsRelease(osRelease));
}

function managerOf({ platform, osRelease, machine }: System): PackageManager | string {
  if (platform === "darwin") return HOMEBREW;
  if (platform === "win32")
    return "BPF's tools run on Linux. Install WSL with wsl --install in a terminal, then open the folder there: the command WSL: Connect to WSL of VS Code's WSL extension.";
  if (platform !== "linux") return "BPF's tools run on Linux: work in a virtual machine or container of it.";
  return packageManager(readOsRelease(osRelease), machine);
}

const HOMEBREW: PackageManager = {
  command: ["brew", "install"],
  needsRoot: false,
  packages: { clang: ["llvm"], llvm: ["llvm"], clangd: ["llvm"], make: ["make"], go: ["go"], cargo: ["rust"] },
};

/** Shell-like: `ID="fedora"`, `ID='fedora'` or `ID=fedora`. */
export function readOsRelease(text: string): OsRelease {
  const fields = [...text.matchAll(/^\s*([A-Z][A-Z0-9_]*)=(.*?)\s*$/gm)];
  return Object.fromEntries(fields.map(([, name = "", value = ""]) => [name, value.replace(/^(["'])(.*)\1$/, "$2")]));
}

function whyLacking(lacking: readonly Installable[], system: System): string {
  const names = lacking.map((what) => NAMES[what]).join(" and ");
  if (system.platform === "darwin")
    return `There is no package of ${names} for macOS: for these work on Linux, in a dev container or over SSH.`;
  const sources = unique(lacking.flatMap((what) => SOURCES[what] ?? []));
  const where = sources.length === 0 ? "" : ` The sources are at ${sources.join(" and ")}.`;
  return `${systemName(system)} has no package of ${names} that would do.${where}`;
}

const NAMES: Readonly<Record<Installable, string>> = {
  clang: "clang",
  "gcc-bpf": "GCC for BPF",
  bpftool: "bpftool",
  llvm: "LLVM's tools",
  libbpf: "libbpf",
  cc: "a C compiler",
  make: "make",
  clangd: "clangd",
  go: "Go",
  cargo: "Cargo",
  qemu: "QEMU",
  ssh: "ssh",
};

const SOURCES: Readonly<Partial<Record<Installable, string>>> = {
  bpftool: "https://github.com/libbpf/bpftool",
  libbpf: "https://github.com/libbpf/libbpf",
};

function unique<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list)];
}
