/** The sections that the project's loader takes: libbpf's own table, or that of a loader that reads `SEC()` by itself. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { familyOf, isForRouting } from "../../analysis/knowledge/loaders.ts";
import { dataSection } from "../../analysis/knowledge/sections.ts";
import type { LoaderSectionFact, SectionFact, TargetRules } from "../../analysis/knowledge/types.ts";

/** As libbpf writes its table: a `+` at the end of a name lets a slash and a target follow. */
export interface KnownSection {
  readonly name: string;
  /** Absent where the user's command decides. */
  readonly progType: string | undefined;
  readonly attachType: string | undefined;
  readonly attachOptional: boolean;
  readonly sleepable: boolean;
  /** False while no release of libbpf has it. */
  readonly isReleased: boolean;
  readonly targetRules: TargetRules | undefined;
}

/** They find sections with libbpf, whatever they do besides. */
export function isLibbpf(loader: string): boolean {
  return familyOf(loader) === "libbpf";
}

/** In the order of the loader's table. */
export function sectionsOf(kb: KnowledgeBase, loader: string): readonly KnownSection[] {
  const facts = kb.loaderSections(loader);
  if (isLibbpf(loader) || facts.length === 0) return kb.sections.map(ofLibbpf);
  const own = facts.flatMap((fact) => ofLoader(kb, fact));
  return firsts(loader === "iproute2" ? [...own, ...kb.sections.filter(isForRouting).map(ofLibbpf)] : own);
}

/** Of several by one name the first decides. */
function firsts(sections: readonly KnownSection[]): readonly KnownSection[] {
  const byName = new Map<string, KnownSection>();
  for (const section of sections) if (!byName.has(section.name)) byName.set(section.name, section);
  return [...byName.values()];
}

function ofLibbpf(fact: SectionFact): KnownSection {
  const { name, progType, attachType, attachOptional, sleepable, libbpf, targetRules } = fact;
  return { name, progType, attachType, attachOptional, sleepable, isReleased: libbpf !== undefined, targetRules };
}

/** A regular expression, and the beginning of a function's name, are no sections that one could write. */
function ofLoader(kb: KnowledgeBase, fact: LoaderSectionFact): readonly KnownSection[] {
  const { match, progType, attachType, sleepable = false } = fact;
  if (match === "function" || match === "regexp") return [];
  const base = fact.pattern.replace(/\/$/, "");
  const open = kb.sections.find(({ name }) => name === `${base}+`);
  const twin = open ?? kb.sections.find(({ name }) => name === base);
  // What some loaders do not look at behind a slash nobody needs to write.
  const takesTarget = open !== undefined && (match === "target" || base !== fact.pattern);
  return [
    {
      name: takesTarget ? `${base}+` : base,
      progType,
      attachType,
      attachOptional: twin?.attachOptional ?? true,
      sleepable,
      isReleased: true,
      targetRules: takesTarget ? rulesOf(fact, open.targetRules) : undefined,
    },
  ];
}

/** What every loader understands: of libbpf's own notation, such as `[module:]`, nothing is left. */
const PLAIN_TARGET = /^(?:function|hook|tracepoint|iterator|name|syscall|category\/name)$/;

function rulesOf(
  { needsTarget, pattern }: LoaderSectionFact,
  theirs: TargetRules | undefined,
): TargetRules | undefined {
  if (theirs === undefined) return undefined;
  const { example, source } = theirs;
  const syntax = theirs.syntax?.replace(/\[[^\]]*\]/g, "");
  return {
    target: pattern.endsWith("/") ? "required" : "optional",
    ...(syntax !== undefined && PLAIN_TARGET.test(syntax) && { syntax }),
    ...(theirs.pattern !== undefined && { pattern: theirs.pattern }),
    example,
    ...(needsTarget && { without: "user space must say to what" }),
    source,
  };
}

export interface ReadSection {
  readonly section: KnownSection;
  /** What stands behind the name and its slash. */
  readonly target: string | undefined;
}

/** What a whole string is to a loader that takes these sections. */
export function readSection(text: string, sections: readonly KnownSection[]): ReadSection | undefined {
  const plain = text.replace(/^\?/, "");
  for (const section of sections) {
    const base = section.name.replace(/\+$/, "");
    if (plain === base) return { section, target: undefined };
    if (base !== section.name && plain.startsWith(`${base}/`)) return { section, target: plain.slice(base.length + 1) };
  }
  return undefined;
}

/** Sections of variables that loaders with a reader of their own look at; all others leave them to libbpf. */
const DATA: Readonly<Record<string, readonly string[]>> = {
  "cilium/ebpf": ["maps", "license", "rodata", "data", "bss", "kconfig", "ksyms", "struct-ops", "struct-ops-link"],
  "ebpf-manager": ["maps", "license", "rodata", "data", "bss", "kconfig", "ksyms"],
  aya: ["maps", "license", "rodata", "data", "bss"],
  bpf_load: ["license"],
  // Its maps and licence are macros, its variables do not exist.
  bcc: [],
};

export function takesData(section: string, loader: string): boolean {
  const kind = dataSection(section);
  return kind !== undefined && (DATA[loader]?.includes(kind) ?? true);
}

/** Where the name of a function says what it is: `kprobe__tcp_v4_connect`. */
export function functionNames(kb: KnowledgeBase, loader: string): readonly LoaderSectionFact[] {
  return kb.loaderSections(loader).filter(({ match }) => match === "function");
}
