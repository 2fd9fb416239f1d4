/** What a string in `SEC()` means to the loader that was chosen: by libbpf's table, or by that of a loader with its own. */

import { rememberedFor } from "../remember.ts";
import type { KnowledgeBase } from "./knowledge-base.ts";
import { classifySection } from "./sections.ts";
import type { ProgramKind } from "./supports.ts";
import type { LoaderSectionFact, SectionFact } from "./types.ts";

/** Loaders that take the same sections. Where the user's command says what a program is, as with iproute2, it is none. */
export type LoaderFamily = "libbpf" | "cilium/ebpf" | "aya";

const FAMILIES: ReadonlyMap<string, LoaderFamily> = new Map([
  ["libbpf", "libbpf"],
  ["libbpfgo", "libbpf"],
  ["eunomia-bpf", "libbpf"],
  ["cilium/ebpf", "cilium/ebpf"],
  ["ebpf-manager", "cilium/ebpf"],
  ["aya", "aya"],
]);

/** @param loader as the setting `hookpoint.loader` */
export function familyOf(loader: string): LoaderFamily | undefined {
  return FAMILIES.get(loader);
}

/** Whose code reads `.maps` for a loader; undefined for bcc, which has maps of its own. */
export function readerOf(loader: string): LoaderFamily | undefined {
  return loader === "bcc" ? undefined : (familyOf(loader) ?? "libbpf");
}

/** What a loader takes a section for. */
export interface ProgramMeaning {
  readonly kind: ProgramKind;
  readonly sleepable: boolean;
  /** The beginning of the section that says so: `fentry`, `cgroup/connect4`. */
  readonly word: string;
}

/** @returns undefined where the loader finds no program type: user space has to say it, or the load fails */
export function programMeaning(section: string, kb: KnowledgeBase, loader: string): ProgramMeaning | undefined {
  return meaningFor(`${loader}\n${section}`, kb);
}

const meaningFor = rememberedFor((asked: string, kb: KnowledgeBase) => {
  const end = asked.indexOf("\n");
  return meaningIn(asked.slice(end + 1), kb, asked.slice(0, end));
});

function meaningIn(section: string, kb: KnowledgeBase, loader: string): ProgramMeaning | undefined {
  const fact = ownFact(section, kb, loader);
  if (fact !== undefined) return meaningOf(fact);
  const isRouting = loader === "iproute2";
  // A table of its own is all there is; iproute2 goes by the names of others where they say what it can load.
  if (kb.loaderSections(loader).length > 0 && familyOf(loader) !== "libbpf" && !isRouting) return undefined;
  const meaning = classifySection(section, kb);
  if (meaning === undefined || (isRouting && !isForRouting(meaning.fact))) return undefined;
  const { progType, attachType, sleepable } = meaning;
  return { kind: { progType, attachType }, sleepable, word: meaning.fact.name.replace(/[+/]+$/, "") };
}

/** What a type of program is called where there is little room: `sched_cls`. */
export function shortType(progType: string): string {
  return progType.replace("BPF_PROG_TYPE_", "").toLowerCase();
}

/** Whether it gives such a program a type, or knows that the user's command does. */
export function takesSection(section: string, kb: KnowledgeBase, loader: string): boolean {
  if (familyOf(loader) === "libbpf" && classifySection(section, kb) !== undefined) return true;
  return ownFact(section, kb, loader) !== undefined;
}

/** The entry for a section in the loader's own table. aya has no mark for programs that may stay out. */
function ownFact(section: string, kb: KnowledgeBase, loader: string): LoaderSectionFact | undefined {
  const bare = familyOf(loader) === "aya" ? section : section.replace(/^\?/, "");
  return kb.loaderSections(loader).find((fact) => fits(fact, bare));
}

function fits({ match, pattern }: LoaderSectionFact, name: string): boolean {
  switch (match) {
    case "exact":
      return name === pattern;
    case "target":
      return name === pattern || name.startsWith(`${pattern}/`);
    case "prefix":
      return name.startsWith(pattern);
    case "regexp":
      return new RegExp(`^(?:${pattern})$`).test(name);
    case "function":
      return false;
  }
}

function meaningOf({ progType, attachType, sleepable, pattern }: LoaderSectionFact): ProgramMeaning | undefined {
  if (progType === undefined) return undefined;
  return { kind: { progType, attachType }, sleepable: sleepable === true, word: pattern.replace(/\/$/, "") };
}

/** `tc` and `ip` load these, by any name that the command line gives; they set no other attach type. */
export function isForRouting({ progType, attachType }: Pick<SectionFact, "progType" | "attachType">): boolean {
  return /_(?:SCHED_CLS|SCHED_ACT|XDP|LWT_\w+)$/.test(progType) && (attachType ?? "BPF_XDP") === "BPF_XDP";
}
