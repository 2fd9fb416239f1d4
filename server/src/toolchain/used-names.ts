/** The names that sources use of the kernel's types, told by clang's preprocessor: what macros become counts as well. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { UsedNames } from "../analysis/btf/named.ts";
import type { Work } from "./choices.ts";
import { planBuild } from "./plan.ts";
import { ToolProblem } from "./problem.ts";
import { step } from "./step.ts";
import { inTemporaryFolder } from "./temporary.ts";

export interface Used extends UsedNames {
  /** The sources that include vmlinux.h. */
  readonly sources: readonly string[];
}

export async function usedNames(sources: readonly string[], work: Work): Promise<Used> {
  const tags = new Set<string>();
  const words = new Set<string>();
  const using: string[] = [];
  await inTemporaryFolder(async (folder) => {
    for (const [n, source] of sources.entries()) {
      work.tell(`reading ${basename(source)}`);
      const text = await preprocessed(source, join(folder, String(n)), work);
      if (collect(text, tags, words)) using.push(source);
    }
  });
  return { tags, words, sources: using };
}

async function preprocessed(source: string, folder: string, work: Work): Promise<string> {
  await mkdir(folder, { recursive: true });
  // For those that have none yet. One that is there is not read: it would say nothing about what is used.
  await writeFile(join(folder, "vmlinux.h"), "");
  const output = join(folder, "x.i");
  const { program, flags, cwd } = await planBuild(source, work);
  const args = [...flags, "-D__VMLINUX_H__", "-idirafter", folder, "-E", source, "-o", output];
  const { code, stderr } = await step(program, args, work, { cwd });
  if (code === 0) return readFile(output, "utf8");
  const reason = /\b(?:fatal )?error: (.*)/.exec(stderr)?.[1];
  throw new ToolProblem(
    `What ${relative(work.root, source)} uses cannot be told, since clang cannot read it${reason === undefined ? "" : `: ${reason}`}. Make the whole vmlinux.h, or mend that first.`,
    {},
    stderr,
  );
}

/** `# 12 "path/file.h" 1`: where the next lines come from. */
const MARKER = /^# \d+ "((?:[^"\\]|\\.)*)"/;
const KERNEL_TYPES = /(?:^|[\\/])vmlinux[^\\/]*\.h$/;
const HELPERS = /(?:^|[\\/])bpf_helper_defs\.h$/;

/** Whether the text has come by vmlinux.h. */
function collect(text: string, tags: Set<string>, words: Set<string>): boolean {
  const own: string[] = [];
  const helpers: string[] = [];
  let into: string[] | undefined = own;
  let includes = false;
  for (const line of text.split("\n")) {
    const file = line.startsWith("# ") ? MARKER.exec(line)?.[1] : undefined;
    if (file === undefined) {
      into?.push(line);
      continue;
    }
    const isTypes = KERNEL_TYPES.test(file);
    includes ||= isTypes;
    into = isTypes ? undefined : HELPERS.test(file) ? helpers : own;
  }
  if (!includes) return false;
  const plain = withoutStrings(own.join("\n"));
  addWords(plain, words);
  addTags(plain, tags);
  helperTypes(helpers, tags, words);
  return true;
}

/** All helpers are declared, so their typedefs must be there; the structs only of those that are called. */
function helperTypes(lines: readonly string[], tags: Set<string>, words: Set<string>): void {
  const called = lines.filter((line) => words.has(/\(\*\s*(?:const\s+)?(\w+)\)/.exec(line)?.[1] ?? ""));
  addTags(called.join("\n"), tags);
  addWords(lines.join("\n").replaceAll(TAG, ""), words);
}

const TAG = /\b(?:struct|union|enum)\s+(?:__attribute__\s*\(\([^()]*(?:\([^()]*\))?[^()]*\)\)\s*)*([A-Za-z_]\w*)/g;

function addTags(text: string, tags: Set<string>): void {
  for (const [, tag = ""] of text.matchAll(TAG)) tags.add(tag);
}

function addWords(text: string, words: Set<string>): void {
  for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) words.add(word);
}

function withoutStrings(text: string): string {
  return text.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}
