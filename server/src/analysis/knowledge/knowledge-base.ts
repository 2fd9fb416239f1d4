/** Lookups over the kernel facts and our notes. */

import { finder, selector } from "./read.ts";
import type {
  AbilityFact,
  AttachTypeFact,
  ConstantFact,
  ContextFact,
  DistributionFact,
  EnumFact,
  FlagFact,
  Helper,
  KfuncFact,
  KnowledgeJson,
  LoaderSectionFact,
  MacroFact,
  MapTypeFact,
  ProbedFunctionFact,
  ProgramTypeFact,
  RemovedSectionFact,
  SectionFact,
} from "./types.ts";

/** Names are those of the C source: `bpf_loop`, `BPF_MAP_TYPE_HASH`, `BPF_PROG_TYPE_XDP`, `BPF_XDP_CPUMAP`. */
export interface KnowledgeBase {
  helper(name: string): Helper | undefined;
  kfunc(name: string): KfuncFact | undefined;
  mapType(name: string): MapTypeFact | undefined;
  programType(name: string): ProgramTypeFact | undefined;
  attachType(name: string): AttachTypeFact | undefined;
  context(name: string): ContextFact | undefined;
  macro(name: string): MacroFact | undefined;
  constant(name: string): ConstantFact | undefined;
  /** What libbpf once took, or would rather not see, that fits a string. */
  removedSection(name: string): RemovedSectionFact | undefined;
  /** A function of the kernel that a tracepoint could take the place of. */
  probedFunction(name: string): ProbedFunctionFact | undefined;
  /** Something that the verifier can do: `bounded-loops`. */
  ability(name: string): AbilityFact | undefined;
  /** By name or alias, `rhel-8.6` or `rocky-8.6`. */
  distribution(name: string): DistributionFact | undefined;
  enumerator(kind: EnumKind, name: string): EnumFact | FlagFact | undefined;
  /** What a loader reads by itself, its own entries before those of the one it is made of, in the order of each table. */
  loaderSections(loader: string): readonly LoaderSectionFact[];
  /** All of it, for lists. */
  readonly facts: KnowledgeJson;
  /** In the order in which libbpf tries them. */
  readonly sections: readonly SectionFact[];
  /** Those whose pattern is made of a word: `kprobe` gives `kprobe+`. */
  sectionsOf(base: string): readonly SectionFact[];
}

export type EnumKind = "map-type" | "program-type" | "attach-type" | "link-type" | "command" | "flag";

export function knowledgeBase(json: KnowledgeJson): KnowledgeBase {
  const enums: Readonly<Record<EnumKind, (name: string) => EnumFact | FlagFact | undefined>> = {
    "map-type": finder(json, "mapTypes"),
    "program-type": finder(json, "programTypes"),
    "attach-type": finder(json, "attachTypes"),
    "link-type": finder(json, "linkTypes"),
    command: finder(json, "commands"),
    flag: finder(json, "flags"),
  };
  const sectionNamed = finder(json, "sections");
  let sections: readonly SectionFact[] | undefined;
  const inOrder = (): readonly SectionFact[] => {
    sections ??= [...json.sections].sort((a, b) => a.order - b.order);
    return sections;
  };
  return {
    helper: finder(json, "helpers"),
    kfunc: finder(json, "kfuncs"),
    mapType: finder(json, "mapTypes"),
    programType: finder(json, "programTypes"),
    attachType: finder(json, "attachTypes"),
    context: finder(json, "contexts"),
    macro: finder(json, "macros"),
    constant: finder(json, "constants"),
    removedSection: (name) =>
      json.removedSections
        .filter((one) => one.loader === undefined && fitsPattern(one.name, name))
        // The exact name knows best, then the longest beginning.
        .sort((a, b) => Number(b.name === name) - Number(a.name === name) || b.name.length - a.name.length)[0],
    probedFunction: finder(json, "probedFunctions"),
    ability: finder(json, "abilities"),
    loaderSections: tables(selector(json, "loaderSections", "loader")),
    facts: json,
    distribution: (name) => json.distributions.find((one) => one.name === name || one.aliases?.includes(name) === true),
    enumerator: (kind, name) => enums[kind](name),
    get sections() {
      return inOrder();
    },
    sectionsOf: (base) => [base, `${base}+`, `${base}/`].flatMap((name) => sectionNamed(name) ?? []),
  };
}

/** Loaders with the table of another behind their own. */
const MADE_OF: Readonly<Record<string, string>> = { "ebpf-manager": "cilium/ebpf" };

function tables(factsOf: (loader: string) => LoaderSectionFact[]): (loader: string) => readonly LoaderSectionFact[] {
  const made = new Map<string, readonly LoaderSectionFact[]>();
  const ordered = (loader: string): readonly LoaderSectionFact[] => {
    const own = factsOf(loader).sort((a, b) => a.order - b.order);
    const inner = MADE_OF[loader];
    return inner === undefined ? own : [...own, ...ordered(inner)];
  };
  return (loader) => {
    const found = made.get(loader) ?? ordered(loader);
    made.set(loader, found);
    return found;
  };
}

/** A helper as a C prototype: `void *bpf_map_lookup_elem(void *map, const void *key)`. */
export function prototypeOf({ name, returns, params }: Helper): string {
  const list = params.map((param) => declare(param.type, param.name)).join(", ");
  return `${declare(returns, name)}(${list === "" ? "void" : list})`;
}

/** With a `*` at its end whatever begins so. */
function fitsPattern(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

export function declare(type: string, name: string): string {
  if (name === "") return type;
  // A function's name stands inside its type: `bool (less)(…)`, `int (*callback)(…)`.
  const callback = /^(.*?\(\s*\*?\s*)\)(.*)$/.exec(type);
  if (callback !== null) return `${callback[1]}${name})${callback[2]}`;
  return type.endsWith("*") ? `${type}${name}` : `${type} ${name}`;
}
