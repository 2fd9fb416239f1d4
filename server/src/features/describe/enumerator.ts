/** What the editor says about a name of the kernel's header: map, program, attach and link types, commands, flags. */

import type { EnumKind, KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { EnumFact, FlagFact, MapTypeFact, NumberRule, ProgramTypeFact } from "../../analysis/knowledge/types.ts";
import { type Card, type CardFact, commitLink, docsLink, sinceText, someOf, type View, verdictsOn } from "../card.ts";

/** What a name is one of. */
export const ENUM_WORDS: Readonly<Record<EnumKind, string>> = {
  "map-type": "map type",
  "program-type": "program type",
  "attach-type": "attach type",
  "link-type": "link type",
  command: "command of bpf()",
  flag: "flag",
};

export function describeEnumerator(kind: EnumKind, fact: EnumFact | FlagFact, kb: KnowledgeBase, view: View): Card {
  const { name, since, commit, note } = fact;
  const alias = "aliasOf" in fact ? fact.aliasOf : undefined;
  return {
    verdicts: verdictsOn([{ kind, name }], kb, view),
    declaration: "value" in fact ? `${name} = ${fact.value}` : `${name} = ${fact.number}`,
    what: [
      ENUM_WORDS[kind],
      sinceText(since === undefined ? {} : { since }),
      "deprecated" in fact && fact.deprecated && "deprecated",
      alias !== undefined && `another name of \`${alias}\``,
    ],
    note,
    here: kind === "map-type" ? rulesFacts(fact as MapTypeFact) : [],
    facts: [
      kind === "program-type" && contextFact(fact as ProgramTypeFact),
      kind === "program-type" && sectionsFact(name, kb),
      kind === "map-type" && helpersFact(name, kb),
    ],
    links: [pageOf(kind, alias ?? name), commitLink(commit)],
  };
}

function rulesFacts({ rules }: MapTypeFact): readonly (CardFact | undefined)[] {
  if (rules === undefined) return [];
  const { key, value, entries, flags, requires, extra, libbpf, notes } = rules;
  return [
    { label: "Key", text: numberText(key, "bytes", "no key") },
    { label: "Value", text: rules.inner ? "a map" : numberText(value, "bytes", "no value") },
    { label: "`max_entries`", text: numberText(entries, "", "must be 0") },
    requires && { label: "Required flags", text: someOf(requires) },
    flags.length === 0 ? undefined : { label: "Flags", text: someOf(flags) },
    extra === undefined ? undefined : { label: "`map_extra`", text: extra },
    libbpf === undefined ? undefined : { label: "libbpf", text: libbpf },
    notes === undefined ? undefined : { label: "Further", text: notes },
  ];
}

function numberText(
  { exactly, min, max, multipleOf, anyOf, powerOfTwoPages }: NumberRule,
  unit: string,
  none: string,
): string {
  if (exactly === 0) return none;
  if (exactly !== undefined) return `${exactly} ${unit}`.trim();
  if (anyOf !== undefined) return `${anyOf.join(" or ")} ${unit}`.trim();
  if (powerOfTwoPages) return "bytes: a power of two, and whole pages";
  const range = max === undefined ? `at least ${min ?? 0}` : `${min ?? 0} to ${max}`;
  return [range, unit, multipleOf !== undefined && `a multiple of ${multipleOf}`]
    .filter(Boolean)
    .join(", ")
    .replace(`, ${unit}`, ` ${unit}`);
}

function contextFact({ context }: ProgramTypeFact) {
  return context !== undefined && { label: "Context", text: `\`struct ${context} *\`` };
}

function sectionsFact(name: string, kb: KnowledgeBase) {
  const sections = kb.sections
    .filter(({ progType }) => progType === name)
    .map((section) => section.name.replace("+", "/…"));
  return sections.length > 0 && { label: "Sections", text: someOf(sections) };
}

/** The helpers that take this type and few others: those that work on any map say nothing about it. */
function helpersFact(name: string, kb: KnowledgeBase) {
  const type = name.replace("BPF_MAP_TYPE_", "");
  const helpers = kb.facts.helpers
    .filter(({ maps }) => maps?.some((one) => one.in.includes(type)))
    .map((helper) => helper.name);
  return helpers.length > 0 && { label: "Helpers", text: someOf(helpers) };
}

function pageOf(kind: EnumKind, name: string): string | undefined {
  if (kind === "map-type") return docsLink(`map-type/${name}`);
  if (kind === "program-type") return docsLink(`program-type/${name}`);
  if (kind === "command") return docsLink(`syscall/${name}`);
  return undefined;
}
