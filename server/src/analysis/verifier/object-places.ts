/** Where a program or a name stands, from the object alone: the lines that its code was made of. */

import type { LineInfo } from "../btf/btf-ext.ts";
import type { CodeFunction } from "../object/functions.ts";
import { SLOT } from "../object/instructions.ts";
import type { OpenObject } from "../object/open.ts";
import { placesIn } from "../object/places.ts";
import { targetsOf } from "../object/targets.ts";
import type { Place } from "./answer.ts";
import { instructionPlaces, placeIn } from "./instruction-places.ts";
import type { Named } from "./names-said.ts";
import type { PlaceOfName } from "./source-places.ts";

export function objectPlaces(open: OpenObject): PlaceOfName {
  const lineAt = (section: string, offset: number, from = 0): Place | undefined => {
    const records = (open.ext?.lines ?? []).filter(({ name }) => name === section).flatMap((one) => one.records);
    let found: LineInfo | undefined;
    for (const one of records) if (one.offset <= offset && one.offset >= from) found = one;
    return found === undefined ? undefined : placeIn(found);
  };
  const inFunction = ({ section, start }: CodeFunction, offset: number): Place | undefined =>
    lineAt(section.name, offset, start * SLOT);

  const relocation = (name: string, number: number): Place | undefined => {
    const one = open.functions.find((each) => each.name === name);
    const records = open.ext?.relocations.find((each) => each.name === one?.section.name)?.records;
    const offset = records?.[number]?.offset;
    if (one === undefined || offset === undefined) return undefined;
    const isWithin = offset >= one.start * SLOT && offset < (one.start + one.length) * SLOT;
    return isWithin ? inFunction(one, offset) : undefined;
  };
  const program = (name: string): Place | undefined => {
    const one = open.functions.find((each) => each.name === name);
    return one === undefined ? undefined : inFunction(one, one.start * SLOT);
  };
  const section = (name: string): Place | undefined => {
    const [first, second] = open.functions.filter((one) => one.isProgram && one.section.name === name);
    return first === undefined || second !== undefined ? undefined : inFunction(first, first.start * SLOT);
  };

  return (named: Named, loaded?: string) => {
    switch (named.kind) {
      case "relocation":
        return relocation(named.function, named.number);
      case "instruction":
        return loaded === undefined ? undefined : instructionPlaces(open, loaded)(named.number);
      case "program":
        return program(named.name);
      case "section":
        return section(named.name);
      case "map":
      case "symbol":
        return firstUse(open, named.name, inFunction) ?? program(named.name);
      case "field":
        return firstUse(open, named.map, inFunction);
      default:
        return undefined;
    }
  };
}

/** The first instruction that refers to a map, a variable or something of the kernel's. */
function firstUse(
  open: OpenObject,
  wanted: string,
  placeIn: (one: CodeFunction, offset: number) => Place | undefined,
): Place | undefined {
  const places = placesIn(open.elf, open.btf);
  for (const one of open.functions) {
    const targetOf = targetsOf(open, one.section, places);
    const use = one.instructions.find((instruction) => targetOf(instruction)?.name === wanted);
    if (use !== undefined) return placeIn(one, use.index * SLOT);
  }
  return undefined;
}
