/** What an instruction refers to: a map, a variable, a function, something of the kernel's. */

import type { Relocation, Section } from "../elf/elf.ts";
import type { CodeFunction } from "./functions.ts";
import { CALL, CALLS, type Instruction, LOAD_64, SLOT } from "./instructions.ts";
import type { OpenObject } from "./open.ts";
import { type Place, placeAt } from "./places.ts";
import { sectionKind } from "./section-kind.ts";

export interface Target {
  readonly kind: "map" | "variable" | "function" | "extern";
  readonly name: string;
  /** For a variable: the section that it lies in, and where. */
  readonly section?: string;
  readonly offset?: number;
  readonly callee?: CodeFunction;
}

export type TargetOf = (instruction: Instruction) => Target | undefined;

/** For the instructions of one section. @param places where each map and variable lies, by the number of its section */
export function targetsOf(
  { elf, functions }: Pick<OpenObject, "elf" | "functions">,
  section: Section,
  places: ReadonlyMap<number, readonly Place[]>,
): TargetOf {
  const bySlot = new Map<number, Relocation>();
  for (const one of section.relocations) bySlot.set(one.offset / SLOT, one);
  const functionAt = finderOfFunctions(functions);
  return (instruction) => {
    const { code, src, imm, index } = instruction;
    if (code !== LOAD_64 && code !== CALL) return undefined;
    const relocation = bySlot.get(index);
    if (relocation === undefined) {
      const isLocal = code === CALL && src === CALLS.subprogram;
      return isLocal ? functionAt(section.index, index + imm + 1) : undefined;
    }
    const { symbol } = relocation;
    if (symbol.section === undefined) return { kind: "extern", name: symbol.name };
    const home = elf.sections[symbol.section];
    if (home === undefined) return undefined;
    // A call counts instructions from the next one; a load of an address counts bytes.
    if (code === CALL) return functionAt(home.index, symbol.value / SLOT + (symbol.kind === "section" ? imm + 1 : 0));
    const offset = symbol.value + imm;
    if (sectionKind(home) === "code") return functionAt(home.index, offset / SLOT);
    const own = placeAt(places.get(home.index) ?? [], offset);
    if (sectionKind(home) === "maps") return { kind: "map", name: own?.name ?? symbol.name };
    return { kind: "variable", name: own?.name ?? "", section: home.name, offset };
  };
}

function finderOfFunctions(functions: readonly CodeFunction[]): (section: number, slot: number) => Target | undefined {
  const byPlace = new Map(functions.map((one) => [`${one.section.index}:${one.start}`, one]));
  return (section, slot) => {
    const found = byPlace.get(`${section}:${slot}`);
    return found === undefined ? undefined : { kind: "function", name: found.name, callee: found };
  };
}
