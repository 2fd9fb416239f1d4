/** The maps that an object defines: by BTF in `.maps`, by structures of five numbers in `maps`, as structures of the kernel's. */

import type { Btf, BtfType } from "../btf/btf.ts";
import type { Section } from "../elf/elf.ts";
import { declaration, sizeOf } from "./c-type.ts";
import { groupedBy } from "./grouped.ts";
import { holdsOf } from "./holds.ts";
import type { OpenObject } from "./open.ts";
import { type Place, placeAt } from "./places.ts";
import { sectionKind } from "./section-kind.ts";

export interface ObjectMap {
  readonly name: string;
  readonly section: string;
  /** The number of its type, as in `enum bpf_map_type`; absent for a structure that the kernel takes functions from. */
  readonly type?: number;
  readonly key?: string;
  readonly keySize?: number;
  readonly value?: string;
  readonly valueSize?: number;
  readonly maxEntries?: number;
  readonly flags?: number;
  /** 1: in the file system of BPF, by its name. */
  readonly pinning?: number;
  /** What is in it from the beginning. */
  readonly holds?: readonly string[];
  /** All else that its definition says. */
  readonly more: Readonly<Record<string, string>>;
}

export function mapsIn(
  { elf, btf }: Pick<OpenObject, "elf" | "btf">,
  places: ReadonlyMap<number, readonly Place[]>,
): readonly ObjectMap[] {
  return elf.sections.flatMap((section) => {
    const own = places.get(section.index) ?? [];
    const kind = sectionKind(section);
    const described = (place: Place, i: number): ObjectMap => {
      if (kind === "struct_ops") return structOps(place, section, btf);
      if (section.name !== ".maps") return legacy(place, section, own[i + 1]?.offset ?? section.size);
      return btf === undefined ? bare(place, section) : defined(place, section, btf);
    };
    if (kind !== "maps" && kind !== "struct_ops") return [];
    const relocations = groupedBy(section.relocations, (one) => placeAt(own, one.offset));
    return own.map((place, i) => {
      const holds = holdsOf(place, relocations.get(place) ?? [], btf);
      return { ...described(place, i), ...(holds.length === 0 ? {} : { holds }) };
    });
  });
}

function bare({ name }: Pick<Place, "name">, section: Section): ObjectMap {
  return { name, section: section.name, more: {} };
}

function structOps({ name, type, size }: Place, section: Section, btf: Btf | undefined): ObjectMap {
  const value = type === undefined || btf === undefined ? {} : { value: declaration(btf, type) };
  return { name, section: section.name, ...value, valueSize: size, maxEntries: 1, more: {} };
}

type Numbers = {
  type?: number;
  keySize?: number;
  valueSize?: number;
  maxEntries?: number;
  flags?: number;
  pinning?: number;
};

/** Members whose number is written as the length of an array: `__uint(max_entries, 10)`. */
const NUMBERS: Readonly<Record<string, keyof Numbers>> = {
  type: "type",
  key_size: "keySize",
  value_size: "valueSize",
  max_entries: "maxEntries",
  map_flags: "flags",
  pinning: "pinning",
};

function defined({ name, type }: Place, section: Section, btf: Btf): ObjectMap {
  const definition = btf.typeAt(type === undefined ? 0 : (btf.resolve(type) ?? 0));
  if (definition.kind !== "struct") return bare({ name }, section);
  const numbers: Numbers = {};
  const types: { key?: string; value?: string } = {};
  const more: Record<string, string> = {};
  for (const member of definition.members) {
    const to = pointee(btf, member.type);
    const field = NUMBERS[member.name];
    if (field !== undefined) numbers[field] = numberIn(btf, member.type) ?? 0;
    else if ((member.name === "key" || member.name === "value") && to !== undefined) {
      types[member.name] = declaration(btf, to);
      numbers[`${member.name}Size`] ??= sizeOf(btf, to) ?? 0;
    } else more[member.name] = `${numberOrType(btf, member.type, to)}`;
  }
  return { name, section: section.name, ...numbers, ...types, more };
}

function numberOrType(btf: Btf, type: number, to: number | undefined): number | string {
  const resolved = resolvedType(btf, type);
  if (resolved.kind === "array") return declaration(btf, type);
  return numberIn(btf, type) ?? (to === undefined ? declaration(btf, type) : declaration(btf, to));
}

/** `int (*name)[10]` means 10; a number of 64 bits is the only value of an enumeration. */
function numberIn(btf: Btf, type: number): number | undefined {
  const to = pointee(btf, type);
  const array = to === undefined ? undefined : resolvedType(btf, to);
  if (array?.kind === "array") return array.count;
  const own = resolvedType(btf, type);
  if (own.kind === "enum" || own.kind === "enum64") return Number(own.values[0]?.value ?? 0n);
  return undefined;
}

function pointee(btf: Btf, type: number): number | undefined {
  const own = resolvedType(btf, type);
  return own.kind === "ptr" ? own.type : undefined;
}

function resolvedType(btf: Btf, type: number): BtfType {
  return btf.typeAt(btf.resolve(type) ?? 0);
}

const LEGACY: readonly (keyof Numbers)[] = ["type", "keySize", "valueSize", "maxEntries", "flags"];

/** `struct bpf_map_def`; loaders have put more numbers behind the five, each other ones. */
function legacy({ name, offset }: Place, { name: section, content }: Section, end: number): ObjectMap {
  const numbers: Numbers = {};
  for (const [i, field] of LEGACY.entries()) {
    const at = offset + i * 4;
    if (at + 4 <= Math.min(end, content.length)) numbers[field] = content.u32(at);
  }
  return { name, section, ...numbers, more: {} };
}
