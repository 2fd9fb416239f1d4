/** The flags that clangd needs to read a BPF source, from those that build it. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Work } from "../choices.ts";
import { type Plan, planBuild } from "../plan.ts";
import type { Fragment } from "./fragment.ts";

export interface Read {
  readonly source: string;
  readonly flags: readonly string[];
}

export async function flagsFor(source: string, work: Work): Promise<Read> {
  const plan = await planBuild(source, work);
  const ownFolder = (await includesOwnFolder(source)) ? undefined : dirname(source);
  return { source, flags: ["-xc", ...digestible(plan, ownFolder)] };
}

/** What takes a path, as the next word or joined to it. */
const PATHS = /^(-I|-isystem|-iquote|-idirafter|-include|-imacros)(.*)$/;
/** What makes a file, is GCC's alone, or makes every warning red. */
const LEFT_OUT = /^(?:-c|-S|-E|-M.*|-emit-llvm|-save-temps.*|-flto.*|-mco-re|-gbtf|-Werror.*)$/;

/** With absolute paths: nobody knows which folder clangd would take others from. */
function digestible({ flags, cwd, compiler }: Plan, without: string | undefined): readonly string[] {
  const kept: string[] = compiler === "gcc" ? ["-target", "bpf"] : [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] ?? "";
    const [, name, joined = ""] = PATHS.exec(flag) ?? [];
    if (name === undefined) {
      if (!LEFT_OUT.test(flag)) kept.push(flag);
      continue;
    }
    const path = resolve(cwd, joined === "" ? (flags[++i] ?? "") : joined);
    if (name === "-I" && path === without) continue;
    if (name === "-I") kept.push(`-I${path}`);
    else kept.push(name, path);
  }
  return kept;
}

/** Quotes look into the source's own folder anyway, so most fragments name no path of this machine. */
async function includesOwnFolder(source: string): Promise<boolean> {
  const text = await readFile(source, "utf8").catch(() => "");
  const names = [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*<([^>\n]+)>/gm)].map(([, name = ""]) => name);
  return names.some((name) => existsSync(join(dirname(source), name)));
}

/** Sources with the same flags in one fragment; new ones beside them are read alike. */
export function fragmentsOf(all: readonly Read[], root: string): readonly Fragment[] {
  const groups = new Map<string, Read[]>();
  for (const one of all) {
    const key = JSON.stringify(one.flags);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const single = groups.size === 1;
  return [...groups.values()].map((group) => {
    const flags = group[0]?.flags ?? [];
    const paths = new Set(single ? ["(.*/)?[^/]*\\.bpf\\.[ch]", "(.*/)?vmlinux\\.h"] : []);
    for (const { source } of group) {
      const folder = dirname(source);
      const isAlike = all.every((other) => dirname(other.source) !== folder || group.includes(other));
      const isNamed = /\.bpf\.c$/.test(source);
      if (isNamed && single) continue;
      const prefix = regex(relative(root, folder).replaceAll("\\", "/"));
      paths.add(isNamed && isAlike ? `${prefix === "" ? "" : `${prefix}/`}[^/]*\\.bpf\\.[ch]` : pathOf(source, root));
    }
    return { paths: [...paths], flags };
  });
}

function pathOf(source: string, root: string): string {
  return regex(relative(root, source).replaceAll("\\", "/"));
}

/** A path as a regular expression for itself alone. */
function regex(path: string): string {
  return path.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
