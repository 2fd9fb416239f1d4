/** What may stand in a map's definition: what the kernel asks of its type, and types and sizes that fulfil it. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { allows } from "../../analysis/knowledge/number-rules.ts";
import { verdictSince } from "../../analysis/knowledge/supports.ts";
import type { Target } from "../../analysis/knowledge/target.ts";
import type { MapChange, MapRules, NumberRule } from "../../analysis/knowledge/types.ts";

/** What the kernels asked for want of a type. @param type without `BPF_MAP_TYPE_` */
export function rulesOf(type: string | undefined, kb: KnowledgeBase, targets: readonly Target[]): MapRules | undefined {
  const fact = type === undefined ? undefined : kb.mapType(`BPF_MAP_TYPE_${type}`);
  const rules = fact?.rules ?? (fact?.aliasOf === undefined ? undefined : kb.mapType(fact.aliasOf)?.rules);
  const past = rules?.changes?.filter(({ since }) => lacking(since, targets).length > 0) ?? [];
  return rules && past.reduce(asBefore, rules);
}

function asBefore(rules: MapRules, { before }: MapChange): MapRules {
  return { ...rules, key: { ...rules.key, ...before?.key }, value: { ...rules.value, ...before?.value } };
}

/** The targets that certainly lack what came with a release: what a distribution brought back is not known. */
export function lacking(since: string, targets: readonly Target[]): readonly Target[] {
  return targets.filter((target) => verdictSince(target, since).answer === "no");
}

/** It must not be there, or not be said. */
export function isNone(rule: NumberRule | undefined): boolean {
  return rule?.exactly === 0;
}

/** In a few words; nothing where any number will do. */
export function ruleText(rule: NumberRule | undefined): string {
  if (rule === undefined) return "";
  const { exactly, min = 0, max, multipleOf, anyOf, powerOfTwoPages } = rule;
  if (exactly !== undefined) return `${exactly}`;
  if (anyOf !== undefined) return anyOf.join(" or ");
  if (powerOfTwoPages) return "a power of two, and whole pages";
  const range = max === undefined ? (min > 1 ? `at least ${min}` : "") : `${min} to ${max}`;
  return [range, multipleOf !== undefined && `a multiple of ${multipleOf}`].filter(Boolean).join(", ");
}

/** Its entries lie in a row, and what is put in is an index, a CPU or the like. */
export function isIndexed({ key, btf }: MapRules): boolean {
  return key.exactly === 4 && btf !== true;
}

type TypeSize = readonly [name: string, size: number];

/** What the base cannot say: which types of the right size mean the right thing. */
const MEANT: Readonly<Record<string, { readonly key?: readonly TypeSize[]; readonly value?: readonly TypeSize[] }>> = {
  CGROUP_STORAGE: { key: cgroupKeys() },
  PERCPU_CGROUP_STORAGE: { key: cgroupKeys() },
  CPUMAP: { value: handles("struct bpf_cpumap_val") },
  DEVMAP: { value: handles("struct bpf_devmap_val") },
  DEVMAP_HASH: { value: handles("struct bpf_devmap_val") },
  INSN_ARRAY: { value: [["struct bpf_insn_array_value", 16]] },
  // As many frames as the kernel records unless told otherwise.
  STACK_TRACE: { value: [["__u64[127]", 127 * 8]] },
};

function cgroupKeys(): readonly TypeSize[] {
  return [
    ["struct bpf_cgroup_storage_key", 16],
    ["__u64", 8],
  ];
}

/** A device or CPU alone, or with a program. */
function handles(withProgram: string): readonly TypeSize[] {
  return [
    ["__u32", 4],
    [withProgram, 8],
  ];
}

const PLAIN_TYPES: readonly TypeSize[] = [
  ["__u32", 4],
  ["__u64", 8],
  ["__u16", 2],
  ["__u8", 1],
];

/** Four bytes before the address itself say how many of its bits count: no plain type has them. */
function isPrefixed(type: string | undefined, what: "key" | "value"): boolean {
  return type === "LPM_TRIE" && what === "key";
}

/** Where several sizes will do the smallest is that of older kernels; a value is mostly a counter. */
function plainTypes(type: string | undefined, what: "key" | "value", rule: NumberRule | undefined): readonly string[] {
  if (isPrefixed(type, what)) return [];
  const fitting = namesOf(PLAIN_TYPES, rule);
  const first = what === "value" && rule?.anyOf === undefined ? "__u64" : "__u32";
  return fitting.includes(first) ? [first, ...fitting.filter((name) => name !== first)] : fitting;
}

function namesOf(types: readonly TypeSize[], rule: NumberRule | undefined): readonly string[] {
  return types.filter(([, size]) => allows(rule, size)).map(([name]) => name);
}

export interface Sized {
  readonly name: string;
  /** Absent where it cannot be told. */
  readonly size: number | undefined;
}

/** Types for a key or value, the most common first. @param structs those of the file */
export function typesFor(
  type: string | undefined,
  what: "key" | "value",
  rules: MapRules | undefined,
  structs: readonly Sized[],
): readonly string[] {
  const rule = rules?.[what];
  const meant = MEANT[type ?? ""]?.[what];
  if (meant !== undefined) return namesOf(meant, rule);
  // A handle of the object that the value belongs to.
  if (what === "key" && rules?.btf) return ["int"];
  const plain = plainTypes(type, what, rule);
  if (what === "key" && rules !== undefined && isIndexed(rules)) return plain;
  return [...plain, ...structs.filter(({ size }) => size === undefined || allows(rule, size)).map(({ name }) => name)];
}

/** Sizes for a key or value, the most common first. */
export function sizesFor(
  type: string | undefined,
  what: "key" | "value",
  rules: MapRules | undefined,
): readonly string[] {
  const rule = rules?.[what];
  const meant = MEANT[type ?? ""]?.[what];
  const types = meant === undefined ? plainTypes(type, what, rule) : namesOf(meant, rule);
  return types.map((name) => `sizeof(${name})`);
}

const KIB = 1024;
/** Good for pages of 4 KiB and of 64 KiB but for the last. */
const RING_SIZES: readonly (readonly [string, number])[] = [
  ["256 * 1024", 256 * KIB],
  ["64 * 1024", 64 * KIB],
  ["1024 * 1024", KIB * KIB],
  ["16 * 1024 * 1024", 16 * KIB * KIB],
  ["4096", 4 * KIB],
];
const COUNTS: readonly (readonly [string, number])[] = [1024, 1, 256, 10240, 65536].map((n) => [`${n}`, n]);

/** No more than the CPUs that the kernel was built for, which are few on small machines. */
const CPU_COUNTS: readonly (readonly [string, number])[] = [64, 16, 256].map((n) => [`${n}`, n]);

/** Numbers for `max_entries`, the most common first. */
export function entriesFor(type: string | undefined, rule: NumberRule | undefined): readonly string[] {
  if (rule?.exactly !== undefined) return [`${rule.exactly}`];
  const numbers = rule?.powerOfTwoPages ? RING_SIZES : type === "CPUMAP" ? CPU_COUNTS : COUNTS;
  return numbers.filter(([, n]) => allows(rule, n)).map(([text]) => text);
}

/** What `max_entries` counts. */
export function entriesUnit(type: string | undefined, rule: NumberRule | undefined): string {
  if (rule?.powerOfTwoPages) return "bytes";
  return type === "ARENA" ? "pages" : "entries";
}

/** What they hold the definition may list: inner maps, or programs, which the base says nothing of. */
export function takesValues(type: string | undefined, rules: MapRules | undefined): boolean {
  return rules === undefined || rules.inner === true || type === "PROG_ARRAY";
}
