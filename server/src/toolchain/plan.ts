/** How a source becomes an object: the compiler, its command line, where the object goes. */

import { basename, dirname, join, resolve } from "node:path";
import type { Work } from "./choices.ts";
import { clang } from "./clang.ts";
import { fromBpf2go } from "./flags/bpf2go.ts";
import { fromCompileCommands } from "./flags/compile-commands.ts";
import { type Compiler, derivedParts } from "./flags/derived.ts";
import type { FlagPart, FoundFlags, Sought } from "./flags/flag.ts";
import { fromMakefile } from "./flags/makefile.ts";
import { projectBuild } from "./flags/project-file.ts";
import { gcc } from "./gcc.ts";
import { need } from "./tool.ts";

export interface Plan {
  readonly source: string;
  readonly object: string;
  readonly compiler: Compiler;
  readonly program: string;
  /** The compiler's. */
  readonly version: string;
  /** Without the source and the object. */
  readonly flags: readonly string[];
  /** The same, each with where it comes from and what it is for. */
  readonly parts: readonly FlagPart[];
  readonly cwd: string;
  /** Where the flags come from, for people: "derived", "compile_commands.json". */
  readonly origin: string;
  /** Sentences about what is not as one might expect. */
  readonly notes: readonly string[];
}

export async function planBuild(source: string, work: Work): Promise<Plan> {
  const { root, tell } = work;
  const sought = { source: resolve(source), root };
  const project = await projectBuild(sought);
  const choices = { ...work.choices, arch: project.arch ?? work.choices.arch };
  const compiler = project.compiler ?? choices.compiler;
  tell(`looking for ${compiler}`);
  const { program, version } = await need(compiler === "gcc" ? gcc : clang, choices[compiler], root, work.signal);
  tell(`with ${compiler} ${version}`);
  const { found, notes } = await projectFlags(project.flags, sought);
  const words = compiler === "gcc" ? forGcc(found?.words ?? []) : (found?.words ?? []);
  const parts = [
    ...(found === undefined ? [] : [{ words, origin: found.origin, why: "what the project says" }]),
    ...(await derivedParts(sought.source, compiler, found && words, { ...work, choices })),
    ...(choices.flags.length === 0 ? [] : [{ words: choices.flags, origin: CHOSEN, why: "what you have added" }]),
  ];
  return {
    source: sought.source,
    object: objectFile(sought.source),
    compiler,
    program,
    version,
    flags: parts.flatMap((part) => part.words),
    parts,
    cwd: found?.cwd ?? root,
    origin: found?.origin ?? "derived",
    notes: [...notes, ...(compiler === "gcc" ? [NO_LINES] : [])],
  };
}

const CHOSEN = "hookpoint.build.flags";
const NO_LINES = "GCC writes no line information for BPF: the verifier's log will name no lines of the source.";

/** The first that says anything wins; what could not be read is told in any case. */
async function projectFlags(
  own: FoundFlags | undefined,
  sought: Sought,
): Promise<{ readonly found: FoundFlags | undefined; readonly notes: readonly string[] }> {
  if (own !== undefined) return { found: own, notes: said(own) };
  const notes: string[] = [];
  for (const look of [fromCompileCommands, fromMakefile, fromBpf2go]) {
    const found = await look(sought);
    notes.push(...said(found));
    if (found !== undefined && found.words.length > 0) return { found, notes };
  }
  return { found: undefined, notes };
}

function said(found: FoundFlags | undefined): readonly string[] {
  return found?.notes.map((note) => `${found.origin}: ${note}`) ?? [];
}

/** What clang alone knows. */
function forGcc(words: readonly string[]): readonly string[] {
  const withValue = new Set(["-target", "-mllvm", "-Xclang"]);
  return words.filter(
    (word, i) =>
      !withValue.has(word) && !withValue.has(words[i - 1] ?? "") && !/^(?:--target=|-Weverything$)/.test(word),
  );
}

/** The command line of a plan that writes to `object`. */
export function commandLine({ flags, source }: Pick<Plan, "flags" | "source">, object: string): readonly string[] {
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
