/** For rules about map definitions: what the kernel asks of each, who reads it, and edits of its members. */

import { insertAt, removeLines, replace } from "../edits.ts";
import { readerOf } from "../knowledge/loaders.ts";
import { fits } from "../knowledge/number-rules.ts";
import { type Feature, verdictSince } from "../knowledge/supports.ts";
import { targetText } from "../knowledge/target.ts";
import type { MapRules, MapTypeFact, NumberRule } from "../knowledge/types.ts";
import type { DefinedMember, MapDefinition } from "../map-definitions.ts";
import type { BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { nearest } from "../spelling.ts";
import { type TextEdit, withoutComments } from "../text.ts";
import { isForWindows } from "./file-kinds.ts";
import { perModel } from "./per-model.ts";

/** A definition, outer or inner, with what is known of its type. */
export interface JudgedMap {
  readonly definition: MapDefinition;
  /** As in the kernel's header; undefined where the definition does not say it, or in words that are not known here. */
  readonly fact: MapTypeFact | undefined;
  readonly rules: MapRules | undefined;
}

/** Every definition whose text is sure: none of it depends on `#if`. */
export const mapsIn = perModel(["kb", "loader"], ({ model, kb, loader }): readonly JudgedMap[] => {
  if (readerOf(loader) === undefined || !model.maps.some(({ dialect }) => dialect === "btf")) return [];
  if (isForWindows(model)) return [];
  return model.definitions
    .flatMap((definition) => (definition.inner === undefined ? [definition] : [definition, definition.inner]))
    .filter((definition) => !definition.isConditional)
    .map((definition) => {
      const named = definition.facts.type;
      const fact = named === undefined ? undefined : typeNamed(named, model, kb);
      return { definition, fact, rules: fact?.rules };
    });
});

function typeNamed(text: string, model: BpfModel, kb: RuleContext["kb"]): MapTypeFact | undefined {
  const byName = kb.mapType(text);
  if (byName?.aliasOf !== undefined) return kb.mapType(byName.aliasOf);
  if (byName !== undefined || kb.facts.mapTypes.length === 0) return byName;
  const number = model.valueOf(text);
  if (number === undefined) return undefined;
  return kb.facts.mapTypes.find((fact) => fact.aliasOf === undefined && BigInt(fact.number) === number);
}

/** What the readers take, by their own code: libbpf's parse_btf_map_def(), cilium/ebpf's mapSpecFromBTF(). */
const COMMON = "type key key_size value value_size values max_entries map_flags map_extra pinning".split(" ");
export const MAP_ATTRIBUTES = {
  libbpf: [...COMMON, "numa_node"],
  "cilium/ebpf": COMMON,
  aya: [...COMMON, "numa_node"],
} as const;

/** Names from elsewhere: the old struct bpf_map_def, iproute2's bpf_elf_map. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["flags", "map_flags"],
  ["max_elem", "max_entries"],
  ["max_elems", "max_entries"],
  ["max_elements", "max_entries"],
  ["entries", "max_entries"],
  ["size_key", "key_size"],
  ["size_value", "value_size"],
  ["map_type", "type"],
  ["key_type", "key"],
  ["value_type", "value"],
]);

/** The attribute that was meant; undefined where none is near. */
export function attributeMeantBy(name: string, known: readonly string[] = COMMON): string | undefined {
  return known.includes(name) ? name : (ELSEWHERE.get(name) ?? nearest(name, known));
}

export function memberOf({ members }: MapDefinition, ...names: readonly string[]): DefinedMember | undefined {
  return members.find(({ name }) => names.includes(name));
}

/** Whether a definition is complete and has none of these members, nor one that is meant for it: one mistake is enough. */
export function lacks({ isWhole, members }: MapDefinition, ...names: readonly string[]): boolean {
  if (!isWhole || members.length === 0) return false;
  return members.every(({ name }) => !names.includes(attributeMeantBy(name) ?? name));
}

/** The word for a type in messages: `ARRAY`, as everybody calls it. */
export function shortName({ name }: Pick<MapTypeFact, "name">): string {
  return name.replace("BPF_MAP_TYPE_", "");
}

/** "4 bytes", "5 to 260 bytes", "a multiple of 8 bytes": what a rule asks of a size. */
export function wantedSize({ exactly, min, max, multipleOf, anyOf }: NumberRule): string {
  if (exactly !== undefined) return bytes(exactly);
  if (anyOf !== undefined) return `${anyOf.join(" or ")} bytes`;
  if (multipleOf !== undefined) return `a multiple of ${bytes(multipleOf)}`;
  if (max === undefined) return `at least ${bytes(min ?? 1)}`;
  return min === undefined || min <= 1 ? `at most ${bytes(max)}` : `${min} to ${bytes(max)}`;
}

export function bytes(number: number): string {
  return number === 1 ? "1 byte" : `${number} bytes`;
}

/** The bits that `map_flags` comes to, by the names of the kernel's header; undefined where a part is not known. */
export function flagsOf(text: string, { model, kb }: RuleContext): bigint | undefined {
  return partsOf(text).reduce<bigint | undefined>((sum, part) => {
    const value = flagValue(part, model, kb);
    return sum === undefined || value === undefined ? undefined : sum | value;
  }, 0n);
}

/** `A | B` as its parts. */
export function partsOf(text: string): readonly string[] {
  return withoutComments(text)
    .replace(/^\s*\(([^()]*)\)\s*$/, "$1")
    .split("|")
    .map((part) => part.trim());
}

export function flagValue(name: string, model: BpfModel, kb: RuleContext["kb"]): bigint | undefined {
  const fact = kb.enumerator("flag", name);
  return fact !== undefined && "value" in fact ? BigInt(fact.value) : model.valueOf(name);
}

/** What a flag of a map asks of a kernel; undefined where the type takes it on none, which is another matter. */
export function flagNeeds(
  name: string,
  { rules }: JudgedMap,
): { readonly flag: Feature; readonly later: string | undefined } | undefined {
  if (rules?.flags.includes(name) === false) return undefined;
  return { flag: { kind: "flag", name }, later: rules?.since?.[name] };
}

/** Takes a member out, with its line where nothing else stands on that. */
export function removeMember({ range }: DefinedMember, model: BpfModel): TextEdit {
  const { lines } = model.code;
  const before = lines.textOf(range.start.line).slice(0, range.start.character);
  const behind = lines.textOf(range.end.line).slice(range.end.character);
  if (before.trim() === "" && isComment(behind)) return removeLines(range, model);
  const blanks = /\s*$/.exec(before)?.[0].length ?? 0;
  const { line, character } = range.start;
  return replace({ start: { line, character: character - blanks }, end: range.end }, "");
}

/** Puts a member at the end of a definition; before `values`, which must be the last. */
export function insertMember({ members }: MapDefinition, text: string, model: BpfModel): TextEdit | undefined {
  const { lines } = model.code;
  const last = members.findLast(({ name }) => name !== "values");
  if (last === undefined) return undefined;
  const { start, end } = last.range;
  const before = lines.textOf(start.line).slice(0, start.character);
  const line = lines.textOf(end.line);
  if (before.trim() !== "" || !isComment(line.slice(end.character))) return insertAt(end, ` ${text}`);
  return insertAt({ line: end.line, character: line.length }, `\n${before}${text}`);
}

/** Blanks, or a comment that ends on the line. */
function isComment(text: string): boolean {
  return /^\s*(?:\/\/.*|\/\*(?:(?!\*\/).)*\*\/\s*)?$/.test(text);
}

/** Adds a flag to what a definition says already. */
export function addFlags(definition: MapDefinition, flags: readonly string[], model: BpfModel): TextEdit | undefined {
  const member = memberOf(definition, "map_flags");
  const added = flags.join(" | ");
  if (member === undefined) return insertMember(definition, `__uint(map_flags, ${added});`, model);
  const isNothing = model.valueOf(member.value) === 0n;
  return replace(member.valueRange, isNothing ? added : `${member.value} | ${added}`);
}

/** Where a size that is right now was refused once: on targets that are plain releases, of which nothing was brought back. */
export function sizeBefore(
  { changes = [] }: MapRules,
  what: "key" | "value",
  size: number,
  { targets }: RuleContext,
): { readonly targets: string; readonly wanted: string } | undefined {
  for (const { since, before } of changes) {
    const rule = before?.[what];
    if (rule === undefined || fits(rule, size)) continue;
    const old = targets.filter((target) => verdictSince(target, since).answer === "no");
    if (old.length > 0) return { targets: old.map(targetText).join(", "), wanted: wantedSize(rule) };
  }
  return undefined;
}

/** `struct x` of `sizeof(struct x)`; undefined for what may be a variable. */
export function typeInSizeof(text: string): string | undefined {
  const type = /^sizeof\s*\(\s*([^()]+?)\s*\)$/.exec(text.trim())?.[1]?.replace(/\s+/g, " ");
  const isType =
    type !== undefined &&
    /^(?:(?:const )?(?:struct|union|enum) \w+(?: ?\*)*|(?:(?:unsigned|signed|int|char|short|long|bool|_Bool) ?)+(?: ?\*)*|(?:__)?[usbl]e?(?:8|16|32|64)|u?int(?:8|16|32|64)_t|pid_t|size_t)$/.test(
      type,
    );
  return isType ? type : undefined;
}
