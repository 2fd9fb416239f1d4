/** What an object holds, as plain data: for the report, and for scripts as JSON. */

import type { Btf, BtfKind } from "../btf/btf.ts";
import { utf8 } from "../elf/bytes.ts";
import type { Section } from "../elf/elf.ts";
import { declaration } from "./c-type.ts";
import { coreText } from "./core-access.ts";
import { type Extern, externsOf } from "./externs.ts";
import { NO_FACTS, type ObjectFacts, type SectionMeaning } from "./facts.ts";
import { type InstructionSet, instructionSet } from "./instructions.ts";
import { mapsIn, type ObjectMap } from "./maps.ts";
import type { OpenObject } from "./open.ts";
import { type Place, placesIn } from "./places.ts";
import { type SectionKind, sectionKind } from "./section-kind.ts";
import { type Uses, usesOf } from "./uses.ts";
import { valueText } from "./value.ts";

export interface BpfObject {
  readonly byteOrder: "little" | "big";
  readonly licence: string | undefined;
  /** The release of the kernel that old loaders wanted to be told. */
  readonly version: number | undefined;
  /** The least `-mcpu` of clang that makes all its instructions. */
  readonly instructionSet: InstructionSet;
  readonly programs: readonly ObjectFunction[];
  /** What programs call, and other functions do. */
  readonly subprograms: readonly ObjectFunction[];
  readonly maps: readonly ObjectMap[];
  readonly variables: readonly ObjectVariable[];
  readonly externs: readonly Extern[];
  readonly coreRelocations: readonly CoreAccess[];
  /** Undefined without BTF. */
  readonly types: ObjectTypes | undefined;
  /** How many places in the code have their source line with them. */
  readonly lines: number;
  /** Bytes of DWARF, which no loader reads. */
  readonly debugBytes: number;
  readonly sections: readonly { readonly name: string; readonly kind: SectionKind; readonly size: number }[];
  /** What could not be read. */
  readonly problems: readonly string[];
}

export interface ObjectFunction extends Uses {
  readonly name: string;
  readonly section: string;
  readonly isGlobal: boolean;
  /** What its section means to a loader; absent for subprograms, and where that is not known. */
  readonly meaning?: SectionMeaning;
  /** As the kernel counts: a load of 64 bits is two. */
  readonly instructions: number;
  /** With all that it calls. */
  readonly allInstructions: number;
}

export interface ObjectVariable {
  readonly name: string;
  readonly section: string;
  readonly offset: number;
  readonly size: number;
  readonly isStatic: boolean;
  /** `int` or `char[16]`; absent without BTF. */
  readonly type?: string;
  /** What it begins with. */
  readonly value: string;
}

export interface CoreAccess {
  readonly section: string;
  /** The instruction, as slots from the beginning of its section. */
  readonly index: number;
  /** `offset of task_struct.mm` */
  readonly access: string;
}

export interface ObjectTypes {
  readonly count: number;
  readonly bytes: number;
  /** How many of each kind. */
  readonly kinds: Readonly<Partial<Record<BtfKind, number>>>;
}

export function describeObject(object: OpenObject, facts: ObjectFacts = NO_FACTS): BpfObject {
  const { elf, btf, ext, functions, problems } = object;
  const places = placesIn(elf, btf);
  const uses = usesOf(object, places, facts);
  const described = functions.map((one): ObjectFunction & { readonly isProgram: boolean } => {
    const { name, section, isGlobal, isProgram } = one;
    const meaning = isProgram ? facts.section(section.name) : undefined;
    const { allInstructions, ...used } = uses(one);
    const about = meaning === undefined ? {} : { meaning };
    return {
      name,
      section: section.name,
      isGlobal,
      isProgram,
      ...about,
      instructions: one.length,
      allInstructions,
      ...used,
    };
  });
  const [programs, subprograms] = [true, false].map((wanted) =>
    described.filter((one) => one.isProgram === wanted).map(({ isProgram: _, ...one }) => one),
  );
  return {
    byteOrder: elf.little ? "little" : "big",
    licence: licenceOf(elf.sections),
    version: versionOf(elf.sections),
    instructionSet: instructionSet(functions.flatMap((one) => one.instructions)),
    programs: programs ?? [],
    subprograms: subprograms ?? [],
    maps: mapsIn(object, places),
    variables: elf.sections.flatMap((section) => variablesOf(section, places.get(section.index) ?? [], btf)),
    externs: externsOf(object),
    coreRelocations: (ext?.relocations ?? []).flatMap(({ name, records }) =>
      records.map((one) => ({
        section: name,
        index: one.offset / 8,
        access: btf === undefined ? "" : coreText(btf, one),
      })),
    ),
    types: btf === undefined ? undefined : typesOf(btf, elf.sections),
    lines: (ext?.lines ?? []).reduce((sum, { records }) => sum + records.length, 0),
    debugBytes: elf.sections
      .filter((one) => sectionKind(one) === "debug information")
      .reduce((sum, { size }) => sum + size, 0),
    sections: elf.sections.slice(1).map((one) => ({ name: one.name, kind: sectionKind(one), size: one.size })),
    problems,
  };
}

function licenceOf(sections: readonly Section[]): string | undefined {
  const raw = sections.find((one) => sectionKind(one) === "licence")?.content.raw();
  if (raw === undefined) return undefined;
  const end = raw.indexOf(0);
  return utf8(raw.subarray(0, Math.min(end < 0 ? raw.length : end, LONGEST_LICENCE)));
}

/** The kernel copies no more of it. */
const LONGEST_LICENCE = 128;

function versionOf(sections: readonly Section[]): number | undefined {
  const content = sections.find((one) => sectionKind(one) === "version")?.content;
  return content !== undefined && content.length >= 4 ? content.u32(0) : undefined;
}

function variablesOf(section: Section, places: readonly Place[], btf: Btf | undefined): readonly ObjectVariable[] {
  if (sectionKind(section) !== "data") return [];
  const { name: home, content, size: whole } = section;
  return places.map(({ name, offset, size: full, type, isStatic }, i) => {
    // What lies over another would be read as often as somebody claims that it is there.
    const size = Math.min(full, (places[i + 1]?.offset ?? whole) - offset);
    const inFile = size >= 0 && offset + size <= content.length;
    const bytes = inFile ? content.slice(offset, size, name) : undefined;
    const known = btf !== undefined && type !== undefined;
    const empty = content.length === 0 && offset + size <= whole;
    const value = bytes === undefined ? (empty ? "0" : "?") : valueText(btf, type, bytes);
    return {
      name,
      section: home,
      offset,
      size: full,
      isStatic,
      ...(known ? { type: declaration(btf, type) } : {}),
      value,
    };
  });
}

function typesOf(btf: Btf, sections: readonly Section[]): ObjectTypes {
  const kinds: Partial<Record<BtfKind, number>> = {};
  for (let id = btf.start; id < btf.count; id++) kinds[btf.kindOf(id)] = (kinds[btf.kindOf(id)] ?? 0) + 1;
  const bytes = sections.find(({ name }) => name === ".BTF")?.size ?? 0;
  return { count: btf.count - 1, bytes, kinds };
}
