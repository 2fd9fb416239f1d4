/** What is said about a section that completion offers, as the project's loader reads it. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { programMeaning } from "../../analysis/knowledge/loaders.ts";
import { dataSection } from "../../analysis/knowledge/sections.ts";
import { type Card, docsLink, type View, verdictsOn } from "../card.ts";
import { describeSection } from "../describe/section.ts";
import { type Asked, dataOf, type ItemData } from "./item.ts";
import { functionNames, isLibbpf, type KnownSection, readSection, sectionsOf } from "./loader-sections.ts";

export function sectionData(asked: Asked, section: string): ItemData {
  return { ...dataOf(section, asked), section: true };
}

export function sectionCard(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  if (dataSection(name) !== undefined) return describeSection(name, kb, view);
  const named = functionNames(kb, view.loader).find(({ pattern }) => pattern === name);
  if (named !== undefined) return programCard(`int ${name}…(…)`, named, kb, view);
  const sections = sectionsOf(kb, view.loader);
  return familyCard(name, sections) ?? knownCard(name, sections, kb, view);
}

/** What stands in a `SEC()`, whole: also where the loader does not know it. */
export function writtenSectionCard(name: string, kb: KnowledgeBase, view: View): Card | undefined {
  const { loader } = view;
  if (dataSection(name) !== undefined || isLibbpf(loader)) return describeSection(name, kb, view);
  const known = sectionCard(name, kb, view);
  if (known !== undefined) return known;
  const code = `SEC("${name}")`;
  const meaning = programMeaning(name, kb, loader);
  if (meaning === undefined) return { code, what: [`no section that ${loader} gives a program type`] };
  return programCard(code, { ...meaning.kind, attachOptional: true, sleepable: meaning.sleepable }, kb, view);
}

/** What still lacks its end, `fentry/` or `tp/sched/`, is told by what it begins with. */
function knownCard(name: string, sections: readonly KnownSection[], kb: KnowledgeBase, view: View): Card | undefined {
  const known = readSection(name, sections)?.section;
  if (known === undefined) return undefined;
  const section = name.endsWith("/") ? known.name.replace(/\+$/, "") : name;
  return isLibbpf(view.loader) ? describeSection(section, kb, view) : programCard(`SEC("${section}")`, known, kb, view);
}

type Program = {
  readonly [field in "progType" | "attachType" | "attachOptional" | "sleepable"]?: KnownSection[field] | undefined;
};

/** What libbpf makes of a name is not said of other loaders. */
function programCard(code: string, program: Program, kb: KnowledgeBase, view: View): Card {
  const { progType, attachType, attachOptional = false, sleepable } = program;
  const type = progType === undefined ? undefined : kb.programType(progType);
  const attach = attachType === undefined || attachOptional ? undefined : kb.attachType(attachType);
  return {
    code,
    verdicts: verdictsOn(
      [
        ...(type === undefined ? [] : [{ kind: "program-type" as const, name: type.name }]),
        ...(attach === undefined ? [] : [{ kind: "attach-type" as const, name: attach.name }]),
      ],
      kb,
      view,
    ),
    what: [
      progType === undefined ? "a program of the type that the command line says" : `\`${progType}\``,
      attachType !== undefined && `\`${attachType}\``,
      sleepable === true && "may sleep",
      `as ${view.loader} reads it`,
    ],
    note: type?.note && { summary: type.note.summary },
    here: [type?.context !== undefined && { label: "Context", text: `\`struct ${type.context} *\`` }],
    links: [progType !== undefined && docsLink(`program-type/${progType}`)],
  };
}

/** `cgroup/`, behind which several names go on. */
function familyCard(name: string, sections: readonly KnownSection[]): Card | undefined {
  if (!name.endsWith("/") || sections.some((section) => section.name === `${name.slice(0, -1)}+`)) return undefined;
  const members = sections.filter((section) => section.name.startsWith(name));
  if (members.length === 0) return undefined;
  const list = members.map((section) => `\`${section.name.replace("+", "/…")}\``).join(", ");
  return { code: `SEC("${name}…")`, what: [`${members.length} sections`], facts: [{ label: "Sections", text: list }] };
}
