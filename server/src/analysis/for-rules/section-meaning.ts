/** What a string in SEC() means to the loader that was chosen, and what was meant where it means nothing. */

import { replace } from "../edits.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { familyOf, type LoaderFamily, takesSection } from "../knowledge/loaders.ts";
import { classifySection, dataSection } from "../knowledge/sections.ts";
import type { RemovedSectionFact } from "../knowledge/types.ts";
import type { BpfModel, Program, Section } from "../model.ts";
import { rememberedFor } from "../remember.ts";
import type { Fix, RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";
import { perModel } from "./per-model.ts";

export type SectionMeaning =
  | { readonly kind: "taken" }
  /** A `?` that does not stand before the whole. */
  | { readonly kind: "question mark"; readonly meant: string }
  /** `.s` behind what has no sleepable form. */
  | { readonly kind: "unsleepable"; readonly meant: string }
  | { readonly kind: "removed"; readonly fact: RemovedSectionFact; readonly meant: readonly string[] }
  /** So near to a right name that it must have been meant. */
  | { readonly kind: "misspelt"; readonly meant: string }
  /** A right name with something behind it that may not be there. */
  | { readonly kind: "tail"; readonly meant: string }
  /** The author's own word, as iproute2 and `bpf_program__set_type()` allow it; `meant` is what it begins with. */
  | { readonly kind: "own"; readonly meant: string | undefined };

/** A program whose section can be read, and is no place for data or for functions of the file's own. */
export interface NamedProgram extends Program {
  readonly section: Section & { readonly name: string };
}

export function namedPrograms(model: BpfModel): readonly NamedProgram[] {
  return named({ model });
}

const named = perModel([], ({ model: { programs } }) =>
  programs.filter((program): program is NamedProgram => {
    const { name } = program.section;
    return name !== undefined && name !== "" && !name.startsWith(".") && dataSection(name) === undefined;
  }),
);

type Asked = Pick<RuleContext, "kb" | "loader">;

/** Every kind is the matter of one rule. */
export function meaningOf(name: string, { kb, loader }: Asked): SectionMeaning {
  return meaningFor(`${loader}\n${name}`, kb);
}

const meaningFor = rememberedFor((text: string, kb: KnowledgeBase) => {
  const end = text.indexOf("\n");
  return meaningIn(text.slice(end + 1), { kb, loader: text.slice(0, end) });
});

function meaningIn(name: string, ctx: Asked): SectionMeaning {
  const family = familyOf(ctx.loader);
  if (family === undefined) return { kind: "taken" };
  const taken = (section: string): boolean => takesSection(section, ctx.kb, ctx.loader);
  const isTaken = taken(name);
  const marked = family !== "aya" && name.includes("?", 1) ? withMarkInFront(name, isTaken, taken, ctx) : undefined;
  if (marked !== undefined) return { kind: "question mark", meant: marked };
  if (isTaken) return { kind: "taken" };
  // aya has no mark for programs that may stay out.
  if (family === "aya" && name.startsWith("?") && taken(name.slice(1)))
    return { kind: "misspelt", meant: name.slice(1) };
  const awake = name.replace(/^([^/]*)\.s(?=\/|$)/, "$1");
  if (awake !== name && taken(awake)) return { kind: "unsleepable", meant: awake };
  return strange(name, family, taken, ctx);
}

/** Those whose section is not simply taken, with what it means: in most files there are none. */
export const strangePrograms = perModel(["kb", "loader"], (asked) => {
  const found: { readonly section: NamedProgram["section"]; readonly meaning: SectionMeaning }[] = [];
  for (const { section } of namedPrograms(asked.model)) {
    const meaning = meaningOf(section.name, asked);
    if (meaning.kind !== "taken") found.push({ section, meaning });
  }
  return found;
});

/** In a wildcard `?` stands for a character, and a path may have one: only what is not understood counts. */
function withMarkInFront(
  name: string,
  isTaken: boolean,
  taken: (name: string) => boolean,
  { kb }: Asked,
): string | undefined {
  const meant = `?${name.replaceAll("?", "")}`;
  if (!isTaken) return taken(meant) ? meant : undefined;
  const { fact, target = "" } = classifySection(name, kb) ?? {};
  const pattern = fact?.targetRules?.pattern;
  if (pattern === undefined || !/^\?|\?$/.test(target)) return undefined;
  const allowed = new RegExp(pattern);
  return !allowed.test(target) && allowed.test(target.replaceAll("?", "")) ? meant : undefined;
}

function strange(name: string, family: LoaderFamily, taken: (name: string) => boolean, ctx: Asked): SectionMeaning {
  const mark = name.startsWith("?") ? "?" : "";
  const bare = name.slice(mark.length);
  const names = namesOf(family, ctx);
  // What is right elsewhere is no slip of the fingers.
  const isOthers = family !== "libbpf" && classifySection(bare, ctx.kb) !== undefined;
  const near = isOthers ? undefined : misspeltFor(bare, names, taken);
  const fact = removedIn(bare, family, ctx);
  if (fact !== undefined) {
    const { replacement } = fact;
    const longest = longestBefore(bare, names);
    const better = longest !== undefined && longest.length > (replacement?.length ?? 0) ? longest : undefined;
    const meant = [near, better, replacement].flatMap((one) => one ?? []);
    return { kind: "removed", fact, meant: [...new Set(meant)].map((one) => mark + one) };
  }
  if (near !== undefined) return { kind: "misspelt", meant: mark + near };
  const slash = bare.indexOf("/");
  const head = slash === -1 ? bare : bare.slice(0, slash);
  if (slash !== -1 && taken(head)) return { kind: "tail", meant: mark + head };
  const start = isOthers ? undefined : longestBefore(bare, names);
  return { kind: "own", meant: start === undefined ? undefined : mark + start };
}

function removedIn(bare: string, family: LoaderFamily, { kb, loader }: Asked): RemovedSectionFact | undefined {
  const fact =
    family === "libbpf"
      ? kb.removedSection(bare)
      : kb.facts.removedSections.find((one) => {
          const pattern = one.name.slice((one.loader?.length ?? 0) + 1);
          return (one.loader === loader || one.loader === family) && fitsStar(pattern, bare);
        });
  return fact?.status === "removed" ? fact : undefined;
}

function fitsStar(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

interface Names {
  /** As they are, without anything behind them. */
  readonly all: readonly string[];
  /** Those behind which a target may follow. */
  readonly heads: readonly string[];
}

function namesOf(family: LoaderFamily, { kb, loader }: Asked): Names {
  const listed =
    family === "libbpf"
      ? kb.sections.map(({ name }) => ({ name: name.replace(/\+$/, ""), open: name.endsWith("+") }))
      : kb.loaderSections(loader).map(({ pattern, match }) => ({ name: pattern, open: match === "target" }));
  return { all: listed.map(({ name }) => name), heads: listed.flatMap(({ name, open }) => (open ? [name] : [])) };
}

function misspeltFor(bare: string, names: Names, taken: (name: string) => boolean): string | undefined {
  const slash = bare.indexOf("/");
  // bpftrace and perf put colons where libbpf wants slashes.
  const parts = /^(tracepoint|tp|t):(\w+):(\w+)$/.exec(bare);
  const simple = [
    bare.trim(),
    bare.toLowerCase(),
    bare.replace(/^[^/:]+/, (head) => head.toLowerCase()),
    bare.replace(/^([\w.]+):/, "$1/"),
    ...(parts === null ? [] : [`${parts[1] === "t" ? "tracepoint" : parts[1]}/${parts[2]}/${parts[3]}`]),
    ...(/^(?:raw_)?syscalls\/sys_(?:enter|exit)/.test(bare) ? [`tracepoint/${bare}`] : []),
  ].filter((one) => one !== bare && taken(one));
  if (simple.length > 0) return simple.at(-1);
  const whole = near(bare, names.all);
  if (whole !== undefined || slash === -1) return whole;
  const head = near(bare.slice(0, slash), names.heads);
  return head && head + bare.slice(slash);
}

/** Of short words only slips of the fingers: `tcp` is not `tp`. */
function near(word: string, names: readonly string[]): string | undefined {
  if (word.length < 3) return undefined;
  const found = nearest(word, names, word.length < 8 ? 1 : 2);
  if (found === undefined || word.length > 4) return found;
  return found.length === word.length && found[0] === word[0] ? found : undefined;
}

/** `xdp.frags/fw` begins with `xdp.frags`. */
function longestBefore(bare: string, { all }: Names): string | undefined {
  return all
    .filter((name) => bare.startsWith(name) && !/^[A-Za-z.]/.test(bare.slice(name.length)))
    .sort((a, b) => b.length - a.length)[0];
}

/** Whether the quotation mark at the end is still to come. */
export function isHalfTyped({ nameRange: { start, end } }: Section, { code: { lines } }: BpfModel): boolean {
  return lines.textOf(start.line)[start.character - 1] === '"' && lines.textOf(end.line)[end.character] !== '"';
}

/** Puts another name in the place of a section's; undefined where the name was put together by a macro. */
export function renamed({ name, nameRange }: Section, meant: string, model: BpfModel): Fix | undefined {
  if (model.code.textOf(nameRange) !== name) return undefined;
  return { title: `Change to "${meant}"`, edits: [replace(nameRange, meant)] };
}

/** As `renamed`, for reports. */
export function renamings(section: Section, meant: readonly string[], model: BpfModel): readonly Fix[] {
  return meant.flatMap((one) => renamed(section, one, model) ?? []);
}
