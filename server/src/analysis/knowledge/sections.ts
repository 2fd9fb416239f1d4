/** What a section string means to libbpf: a program of some type, or data of some kind. */

import { rememberedFor } from "../remember.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import type { SectionFact } from "./types.ts";

export interface SectionClass {
  readonly fact: SectionFact;
  /** False behind a leading `?`: the program is loaded only when asked for. */
  readonly autoload: boolean;
  readonly progType: string;
  readonly attachType: string | undefined;
  readonly sleepable: boolean;
  /** What stands behind the pattern and its slash, perhaps nothing; undefined without the slash. */
  readonly target: string | undefined;
}

/** @returns undefined where libbpf finds no program type, as for `xdp/foo` */
export const classifySection = rememberedFor(classified);

function classified(name: string, { sectionsOf }: Pick<KnowledgeBase, "sectionsOf">): SectionClass | undefined {
  const autoload = !name.startsWith("?");
  const section = autoload ? name : name.slice(1);
  // The first in libbpf's table decides.
  const [fact] = beginningsOf(section)
    .flatMap(sectionsOf)
    .filter((candidate) => matches(candidate.name, section))
    .sort((a, b) => a.order - b.order);
  if (fact === undefined) return undefined;
  const { progType, attachType, sleepable } = fact;
  return { fact, autoload, progType, attachType, sleepable, target: targetOf(fact.name, section) };
}

/** As libbpf's sec_def_matches(): a pattern is exact, unless it ends with `+` (may have a target) or `/` (must). */
function matches(pattern: string, section: string): boolean {
  if (pattern.endsWith("/")) return section.startsWith(pattern);
  if (!pattern.endsWith("+")) return section === pattern;
  const prefix = pattern.slice(0, -1);
  return section === prefix || section.startsWith(`${prefix}/`);
}

/** `a/b`, `a` for `a/b`. */
function beginningsOf(section: string): readonly string[] {
  const found = [section];
  for (let at = section.indexOf("/"); at !== -1; at = section.indexOf("/", at + 1)) found.push(section.slice(0, at));
  return found;
}

function targetOf(pattern: string, section: string): string | undefined {
  const prefix = pattern.replace(/[+/]$/, "");
  return section === prefix ? undefined : section.slice(prefix.length + 1);
}

export type DataSection =
  | "maps"
  | "legacy-maps"
  | "license"
  | "version"
  | "rodata"
  | "data"
  | "bss"
  | "kconfig"
  | "ksyms"
  | "struct-ops"
  | "struct-ops-link"
  | "arena";

const DATA_SECTIONS: ReadonlyMap<string, DataSection> = new Map([
  [".maps", "maps"],
  ["maps", "legacy-maps"],
  ["license", "license"],
  ["version", "version"],
  [".rodata", "rodata"],
  [".data", "data"],
  [".bss", "bss"],
  [".kconfig", "kconfig"],
  [".ksyms", "ksyms"],
  [".struct_ops", "struct-ops"],
  [".struct_ops.link", "struct-ops-link"],
  // Behind a ? the map is created only when asked for.
  ["?.struct_ops", "struct-ops"],
  ["?.struct_ops.link", "struct-ops-link"],
  [".addr_space.1", "arena"],
]);

/** What a section holds that is no program; undefined for all others. */
export function dataSection(name: string): DataSection | undefined {
  const exact = DATA_SECTIONS.get(name);
  if (exact !== undefined) return exact;
  // Variables may be spread over several such sections: `.data.counters`. Loaders before libbpf named every map's own.
  const [, family] = /^(\.rodata|\.data|\.bss)\./.exec(name) ?? /^(maps)\//.exec(name) ?? [];
  return family === undefined ? undefined : DATA_SECTIONS.get(family);
}
