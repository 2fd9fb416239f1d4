/** How a source becomes an object: the compiler, its command line, where the object goes. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Work } from "./choices.ts";
import { clang } from "./clang.ts";
import { machineOf } from "./machine.ts";
import { need } from "./tool.ts";

export interface Plan {
  readonly source: string;
  readonly object: string;
  readonly program: string;
  /** Without the source and the object. */
  readonly flags: readonly string[];
  readonly cwd: string;
  /** Where the flags come from, for people: "derived", "compile_commands.json". */
  readonly origin: string;
}

export async function planBuild(source: string, { choices, root, tell }: Work): Promise<Plan> {
  tell("looking for clang");
  const { program, version } = await need(clang, choices.clang, root);
  tell(`with clang ${version}`);
  return {
    source,
    object: objectFile(source),
    program,
    flags: [...derivedFlags(source, choices.arch), ...choices.flags],
    cwd: root,
    origin: "derived",
  };
}

/** The command line of a plan that writes to `object`. */
export function commandLine({ flags, source }: Plan, object: string): readonly string[] {
  return [...flags, "-c", source, "-o", object];
}

/** `foo.bpf.c` → `foo.bpf.o`; a plain `foo.c` must not overwrite the `foo.o` of a user-space build. */
export function objectFile(source: string): string {
  return join(dirname(source), `${stemOf(source)}.bpf.o`);
}

/** `foo` of `dir/foo.bpf.c`. */
export function stemOf(source: string): string {
  return basename(source)
    .replace(/\.c$/, "")
    .replace(/\.bpf$/, "");
}

function derivedFlags(source: string, arch: string): readonly string[] {
  const { target, triple } = machineOf(arch);
  const multiarch = `/usr/include/${triple}`;
  return [
    // Line information for the verifier's log and types for libbpf: an object without them is of no use.
    "-g",
    "-O2",
    "-Wall",
    "-target",
    "bpf",
    `-D__TARGET_ARCH_${target}`,
    `-I${dirname(source)}`,
    ...(existsSync(multiarch) ? ["-idirafter", multiarch] : []),
  ];
}
