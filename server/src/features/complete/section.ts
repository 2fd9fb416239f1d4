/** Completion inside `SEC("…")`: first what a program or variable is, behind the slash what it attaches to. */

import type { CompletionItem } from "vscode-languageserver-types";
import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import type { Feature } from "../../analysis/knowledge/supports.ts";
import type { Span } from "../../analysis/text.ts";
import { fits } from "./fits.ts";
import { AGAIN, type Asked, KIND, lackedBy, plain, RANK, ranked, replacing, SNIPPET, typeWord } from "./item.ts";
import { functionNames, isLibbpf, type KnownSection, sectionsOf, takesData } from "./loader-sections.ts";
import type { CodePlace, Holder, StringPlace } from "./place.ts";
import { sectionData } from "./section-card.ts";
import { targetsFor } from "./section-target.ts";

/** What is being written: `?fentry/do_un` in pieces. */
interface Written {
  /** Those that the project's loader takes. */
  readonly sections: readonly KnownSection[];
  readonly place: StringPlace;
  /** Without a leading `?`. */
  readonly content: Span;
  /** Up to the cursor. */
  readonly typed: string;
  /** The end of the part before the slash, that slash included. */
  readonly headEnd: number;
  /** What is missing behind the string. */
  readonly closing: string;
}

export function sectionItems(asked: Asked, place: StringPlace): CompletionItem[] {
  const written = writtenAt(asked, place);
  const slash = written.typed.indexOf("/");
  const head = slash === -1 ? undefined : written.typed.slice(0, slash);
  const data = dataItems(asked, written);
  if (place.holder !== "function") return data;
  const programs = head === undefined ? nameItems(asked, written) : targetItems(asked, written, head);
  return [...programs, ...(head === undefined ? data : [])];
}

function writtenAt({ file, kb, view, position }: Asked, place: StringPlace): Written {
  const { text, lines } = file;
  const start = place.content.start + (text[place.content.start] === "?" ? 1 : 0);
  const content = { start, end: Math.max(start, place.content.end) };
  const typed = text.slice(start, Math.max(start, lines.offsetAt(position)));
  const slash = text.slice(start, content.end).indexOf("/");
  const rest = text.slice(content.end, content.end + 80);
  const closing = place.closed ? "" : /^[ \t]*\)/.test(rest) ? '"' : '")';
  const sections = sectionsOf(kb, view.loader);
  return { sections, place, content, typed, headEnd: slash === -1 ? content.end : start + slash + 1, closing };
}

/** An item that puts `section` in the place of what stands there. */
function sectionItem(
  asked: Asked,
  { content, headEnd, closing }: Written,
  section: string,
  { goesOn = false, snippet }: { readonly goesOn?: boolean; readonly snippet?: string } = {},
): CompletionItem {
  const { file } = asked;
  // Of fentry/do_exit only the first part becomes fexit/; everything else takes the place of the whole.
  const end = goesOn ? headEnd : content.end;
  const open = goesOn && closing !== "" ? "$0" : "";
  const newText = `${snippet ?? plain(section)}${open}${goesOn && headEnd < content.end ? "" : closing}`;
  return {
    label: section,
    kind: KIND.event,
    filterText: section,
    textEdit: replacing(file, { start: content.start, end }, newText),
    insertTextFormat: SNIPPET,
    data: sectionData(asked, section),
    ...(goesOn && { command: AGAIN }),
  };
}

/** The first stage. With nothing typed the families, so that the list can be read; then every name there is. */
function nameItems(asked: Asked, written: Written): CompletionItem[] {
  const { sections, typed } = written;
  const plainNames = sections.filter(({ name }) => !name.endsWith("+"));
  const grouped = plainNames.filter(({ name }) => typed === "" && name.includes("/"));
  const heads = new Set(grouped.map(({ name }) => headOf(name)));
  return [
    ...[...heads].map((head) => familyItem(asked, written, head, grouped)),
    ...sections
      .filter((fact) => !grouped.includes(fact))
      .flatMap((fact) => factItems(asked, written, fact))
      .filter(({ label }) => fits(label, typed)),
  ];
}

function headOf(name: string): string {
  return name.slice(0, name.indexOf("/"));
}

function familyItem(asked: Asked, written: Written, head: string, grouped: readonly KnownSection[]): CompletionItem {
  const members = grouped.filter(({ name }) => headOf(name) === head);
  const types = [...new Set(members.map(({ progType }) => typeText(progType)))];
  const item = sectionItem(asked, written, `${head}/`, { goesOn: true });
  const names = members.map(({ name }) => name.slice(head.length + 1)).join(", ");
  return ranked({ ...item, detail: `${types.join(", ")}: ${names}` }, RANK.good);
}

function factItems(asked: Asked, written: Written, fact: KnownSection): readonly CompletionItem[] {
  const { name, targetRules } = fact;
  if (!name.endsWith("+")) return [described(asked, fact, sectionItem(asked, written, name))];
  const base = name.slice(0, -1);
  const syntax = targetRules?.syntax;
  const withTarget = described(asked, fact, sectionItem(asked, written, `${base}/`, { goesOn: true }), syntax);
  if (targetRules?.target === "required") return [withTarget];
  return [withTarget, described(asked, fact, sectionItem(asked, written, base), targetRules?.without, 1)];
}

/** How common a section is, in the eyes of somebody who has typed nothing yet. */
const COMMON = new Set([
  ..."kprobe+ kretprobe+ fentry+ fexit+ tracepoint+ tp+ raw_tp+ tp_btf+ xdp tc lsm+ uprobe+ uretprobe+ usdt+ ksyscall+".split(
    " ",
  ),
]);

function described(asked: Asked, fact: KnownSection, item: CompletionItem, remark?: string, lower = 0): CompletionItem {
  const detail = [typeText(fact.progType), fact.sleepable && "may sleep", remark].filter(Boolean).join(" · ");
  const rank = !fact.isReleased ? RANK.rare : COMMON.has(fact.name) ? RANK.best : RANK.usual;
  return ranked({ ...item, detail }, Math.min(rank + lower, RANK.rare), barOf(asked, fact));
}

function typeText(progType: string | undefined): string {
  return progType === undefined ? "what the command line says" : typeWord(progType);
}

/** What speaks against a section: a kernel without it, or a libbpf that gave it up. */
function barOf({ kb, view }: Asked, fact: KnownSection): string | undefined {
  const features: Feature[] = [];
  if (fact.progType !== undefined) features.push({ kind: "program-type", name: fact.progType });
  if (fact.attachType !== undefined && !fact.attachOptional)
    features.push({ kind: "attach-type", name: fact.attachType });
  return lackedBy(features, kb, view) ?? (isLibbpf(view.loader) ? replacementOf(kb, fact.name) : undefined);
}

function replacementOf(kb: KnowledgeBase, name: string): string | undefined {
  const { name: of, status, replacement } = kb.removedSection(name) ?? {};
  return of === name && status === "deprecated" && replacement !== undefined ? `deprecated: ${replacement}` : undefined;
}

/** The second stage: what may follow `head/`. */
function targetItems(asked: Asked, written: Written, head: string): CompletionItem[] {
  const exact = written.sections.filter(({ name }) => name.startsWith(`${head}/`));
  const fact = written.sections.find(({ name }) => name === `${head}+`);
  const known = fact === undefined ? [] : targetsFor(asked, fact, written.sections, written.typed);
  return [
    ...exact.map((one) => described(asked, one, sectionItem(asked, written, one.name))),
    ...known.map(({ section, label = section, detail, snippet, goesOn, rank }) => {
      const options = snippet === undefined ? {} : { snippet };
      const item = goesOn ? staged(asked, written, section) : sectionItem(asked, written, section, options);
      return ranked({ ...item, label, detail }, rank, fact && barOf(asked, fact));
    }),
  ];
}

/** `tp/sched/`: what was typed goes, and another stage follows. */
function staged(asked: Asked, written: Written, section: string): CompletionItem {
  return sectionItem(asked, { ...written, headEnd: written.content.end }, section, { goesOn: true });
}

/** Sections of variables, those that fit what the section marks before the others. */
const DATA: readonly { readonly name: string; readonly detail: string; readonly holds: readonly Holder[] }[] = [
  { name: ".maps", detail: "a map, in BTF form", holds: ["map"] },
  { name: "license", detail: "the licence of the programs", holds: ["characters"] },
  {
    name: ".struct_ops.link",
    detail: "a structure of operations, attached through a link",
    holds: ["variable", "map"],
  },
  { name: ".struct_ops", detail: "a structure of operations, registered by user space", holds: ["variable", "map"] },
  { name: ".rodata", detail: "constants, frozen when the object is loaded", holds: ["variable", "characters"] },
  { name: ".data", detail: "variables that start with a value", holds: ["variable", "characters"] },
  { name: ".bss", detail: "variables that start as zero", holds: ["variable", "characters"] },
  { name: ".kconfig", detail: "the kernel's configuration; __kconfig says the same", holds: ["variable"] },
  { name: ".ksyms", detail: "addresses of the kernel's symbols; __ksym says the same", holds: ["variable"] },
  { name: ".addr_space.1", detail: "variables in an arena", holds: ["variable"] },
];

function dataItems(asked: Asked, written: Written): CompletionItem[] {
  const { holder } = written.place;
  const known = DATA.filter(({ name }) => takesData(name, asked.view.loader) && fits(name, written.typed));
  return known.map(({ name, detail, holds }, n) => {
    const rank = holds.includes(holder) ? (holds[0] === holder ? RANK.best : RANK.good) : RANK.rare;
    return ranked({ ...sectionItem(asked, written, name), kind: KIND.module, detail, sortText: `${n}` }, rank);
  });
}

/** With a loader that goes by the names of functions these take the place of sections: `kprobe__tcp_v4_connect`. */
export function functionNameItems(asked: Asked, { prefix }: CodePlace): CompletionItem[] {
  const { kb, view } = asked;
  return functionNames(kb, view.loader)
    .filter(({ pattern }) => fits(pattern, prefix))
    .map(({ pattern, progType, needsTarget }) => {
      const detail = [typeText(progType), needsTarget && `${view.loader} attaches it to what follows`];
      const data = sectionData(asked, pattern);
      return ranked({ label: pattern, kind: KIND.event, detail: detail.filter(Boolean).join(" · "), data }, RANK.usual);
    });
}
