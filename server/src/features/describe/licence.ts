/** What the editor says about the licence of the file: whether the kernel takes it, and what in the file asks for that. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { programMeaning } from "../../analysis/knowledge/loaders.ts";
import { programsOf } from "../../analysis/knowledge/programs.ts";
import { allowancesFor, type ProgramKind, REPLACEMENT } from "../../analysis/knowledge/supports.ts";
import { COMPATIBLE_LICENCES, GPL_PROGRAMS, isGplCompatible, meantLicence } from "../../analysis/licences.ts";
import type { BpfFunction, Call, Program } from "../../analysis/model.ts";
import type { Snapshot } from "../../analysis/snapshot.ts";
import { type Card, type CardFact, someOf } from "../card.ts";
import { expansionOf } from "./expansion.ts";
import { calledBy, calledFor } from "./macro.ts";
import { macroUseAt } from "./macro-use.ts";

/** `text` is undefined where the file does not say it in one piece. */
export function describeLicence(
  file: Snapshot,
  kb: KnowledgeBase,
  { text, section, loader }: { readonly text: string | undefined; readonly section?: string; readonly loader: string },
): Card {
  const needs = needsOf(file, kb, loader);
  const isOpen = text === undefined || isGplCompatible(text);
  const meant = text === undefined || isOpen ? undefined : meantLicence(text);
  const isAsked = needs.certain.length > 0;
  return {
    verdicts:
      isOpen || !isAsked ? [] : ["**Not GPL-compatible**: the kernel refuses programs that need what is GPL only."],
    code: section === undefined ? `"${text}"` : `SEC("${section}")`,
    what: [
      text === undefined ? "data: the licence of the file's programs" : "licence of the file's programs",
      text !== undefined && (isOpen ? "GPL-compatible" : "not GPL-compatible"),
    ],
    here: [
      section !== undefined && text !== undefined && { label: "Licence", text: `\`"${text}"\`` },
      meant !== undefined && { label: "Write", text: `\`"${meant}"\`, which the kernel knows` },
      gplOnlyFact(needs.certain),
      needs.perhaps.length > 0 && { label: "Perhaps GPL only", text: needs.perhaps.join("; ") },
    ],
    facts: [
      {
        label: "GPL-compatible",
        text: `${someOf(COMPATIBLE_LICENCES.map((one) => `"${one}"`))}; the kernel compares letter by letter`,
      },
    ],
    links: ["[docs.kernel.org](https://docs.kernel.org/bpf/bpf_licensing.html)"],
  };
}

function gplOnlyFact(certain: readonly string[]): CardFact {
  return {
    label: "GPL only",
    text: certain.length === 0 ? "no helper and no kfunc that this file calls" : certain.join("; "),
  };
}

interface Needs {
  readonly certain: readonly string[];
  readonly perhaps: readonly string[];
}

/** What a name of the file's comes down to. */
interface Asking {
  readonly name: string;
  readonly kind: "helper" | "kfunc";
  /** The macro that calls it. */
  readonly by?: string;
  /** In which case it is called. */
  readonly when?: string | undefined;
}

function needsOf(file: Snapshot, kb: KnowledgeBase, loader: string): Needs {
  const asking = askingIn(file, kb, loader);
  const certain = asking.filter(({ when }) => when === undefined);
  const names = new Set(certain.map(({ name }) => name));
  const perhaps = asking.filter(({ name, when }) => when !== undefined && !names.has(name));
  const ofType = (types: ReadonlySet<string>): readonly string[] => namesOfType(file.model.programs, types, kb, loader);
  return {
    certain: [
      ...listed(
        "helpers",
        certain.filter(({ kind }) => kind === "helper"),
      ),
      ...listed(
        "kfuncs",
        certain.filter(({ kind }) => kind === "kfunc"),
      ),
      ...programsThatMust(ofType(GPL_PROGRAMS)),
    ],
    perhaps: [...perhaps.map(perhapsText), ...programsThatMay(ofType(MAY))],
  };
}

/** A helper counts where a program that runs the call may call it under a compatible licence only. */
function askingIn(file: Snapshot, kb: KnowledgeBase, loader: string): readonly Asking[] {
  const { model } = file;
  const kinds = new Map<BpfFunction | undefined, readonly ProgramKind[]>();
  const programsFor = (fn: BpfFunction | undefined): readonly ProgramKind[] => {
    const known = kinds.get(fn) ?? (fn === undefined ? [] : programsOf(fn, model, kb, loader));
    kinds.set(fn, known);
    return known;
  };
  const found = new Map<string, Asking>();
  for (const call of model.calls) {
    if (model.redefines(call.name)) continue;
    for (const asking of calledIn(call, file, kb)) {
      const key = `${asking.name} ${asking.by} ${asking.when}`;
      if (!found.has(key) && isGplOnly(asking, programsFor(call.in), kb)) found.set(key, asking);
    }
  }
  return [...found.values()];
}

function calledIn(call: Call, file: Snapshot, kb: KnowledgeBase): readonly Asking[] {
  const { name } = call;
  if (kb.helper(name) !== undefined) return [{ kind: "helper", name }];
  if (kb.kfunc(name) !== undefined || file.model.kfuncs.some((one) => one.name === name))
    return [{ kind: "kfunc", name }];
  const macro = kb.macro(name);
  if (macro === undefined) return [];
  const use = macroUseAt(file, name, call.nameRange);
  const expansion = use && expansionOf(use, kb);
  const certain = calledBy(macro, expansion, kb);
  const rest = expansion?.calls === undefined ? (macro.needs ?? []).filter(({ when }) => when !== undefined) : [];
  return [
    ...certain.map((called) => asked(called, name)),
    ...rest.flatMap((need) => calledFor(need, kb).map((called) => asked(called, name, need.when))),
  ];
}

function asked({ kind, name }: { readonly kind: string; readonly name: string }, by: string, when?: string): Asking {
  return { kind: kind === "kfunc" ? "kfunc" : "helper", name, by, when };
}

/** All kfuncs are: add_kfunc_call() of linux:kernel/bpf/verifier.c asks before it looks which one. */
function isGplOnly({ kind, name }: Asking, programs: readonly ProgramKind[], kb: KnowledgeBase): boolean {
  if (kind === "kfunc") return true;
  const allowed = (kb.helper(name)?.allowed ?? []).filter(({ until }) => until === undefined);
  const known = programs.filter(({ progType }) => progType !== REPLACEMENT);
  const places = known.length === 0 ? [allowed] : known.map((program) => allowancesFor(allowed, program));
  return places.some((parts) => parts.length > 0 && parts.every(({ gpl }) => gpl === true));
}

/** One is named with the macros that call it: `bpf_probe_read_kernel` (by `BPF_CORE_READ`). */
function listed(what: string, asking: readonly Asking[]): readonly string[] {
  const users = new Map<string, Set<string>>();
  for (const { name, by } of asking) users.set(name, (users.get(name) ?? new Set()).add(by ?? ""));
  const texts = [...users].sort(([a], [b]) => a.localeCompare(b)).map(([name, by]) => `\`${name}\`${byText(by)}`);
  return texts.length === 0 ? [] : [`${texts.length === 1 ? what.slice(0, -1) : what} ${firstOf(texts)}`];
}

/** Called by its own name as well, it needs no other. */
function byText(by: ReadonlySet<string>): string {
  return by.has("") ? "" : ` (by ${someOf([...by])})`;
}

function perhapsText({ name, by, when }: Asking): string {
  return `\`${name}\`, which \`${by}\` calls where ${when}`;
}

/** How many a line can hold. */
const MANY = 10;

function firstOf(texts: readonly string[]): string {
  const more = texts.length - MANY;
  return texts.slice(0, MANY).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** check_ptr_to_btf_access() asks when the program looks into a structure; which programs are given such pointers. */
const MAY = new Set(["BPF_PROG_TYPE_TRACING"]);

function programsThatMust(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${names.length === 1 ? "program" : "programs"} ${someOf(names)}, by type`];
}

function programsThatMay(names: readonly string[]): readonly string[] {
  return names.length === 0
    ? []
    : [`${someOf(names)}, where a field of a kernel structure is read by a plain arrow (since Linux 6.2)`];
}

function namesOfType(
  programs: readonly Program[],
  types: ReadonlySet<string>,
  kb: KnowledgeBase,
  loader: string,
): readonly string[] {
  return programs
    .filter(({ section: { name } }) => types.has((name && programMeaning(name, kb, loader)?.kind.progType) || ""))
    .map(({ name }) => name);
}
