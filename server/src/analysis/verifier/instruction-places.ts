/** Which line of the source an instruction of a loaded program is, from the object: logs of older kernels do not say. */

import type { LineInfo } from "../btf/btf-ext.ts";
import { groupedBy } from "../object/grouped.ts";
import { SLOT } from "../object/instructions.ts";
import type { OpenObject } from "../object/open.ts";
import type { Place } from "./answer.ts";
import { type LoadedPart, loadedParts } from "./loaded-program.ts";

/** @param instruction as the verifier counts: what the program calls stands behind it */
export type PlaceOf = (instruction: number) => Place | undefined;

export function instructionPlaces(open: OpenObject, program: string): PlaceOf {
  const find = placesInProgram(open, program);
  return (instruction) => find(instruction)?.place;
}

export interface Placed {
  readonly function: string;
  /** Undefined where the object does not say. */
  readonly place: Place | undefined;
}

/** Undefined for what is none of its instructions. */
export function placesInProgram(open: OpenObject, program: string): (instruction: number) => Placed | undefined {
  const parts = loadedParts(open, program).map((part) => ({ part, lines: linesOf(open, part) }));
  return (instruction) => {
    const found = parts.findLast(({ part }) => part.first <= instruction);
    if (found === undefined || instruction >= found.part.first + found.part.length) return undefined;
    const record = lastAt(found.lines, offsetIn(found.part, instruction));
    const place = record === undefined || record.line === 0 ? undefined : { ...placeIn(record), instruction };
    return { function: found.part.function.name, place };
  };
}

/** An instruction of a loaded program, as the object has it. */
export interface ObjectInstruction {
  readonly function: string;
  readonly section: string;
  /** From the beginning of the section, in bytes. */
  readonly offset: number;
}

export function objectInstruction(
  open: OpenObject,
  program: string,
  instruction: number,
): ObjectInstruction | undefined {
  const part = loadedParts(open, program).find(
    ({ first, length }) => instruction >= first && instruction < first + length,
  );
  if (part === undefined) return undefined;
  const { name, section } = part.function;
  return { function: name, section: section.name, offset: offsetIn(part, instruction) };
}

/** What to say once of an object whose code nobody can put to lines; undefined for one that has them. */
export function whyNoLines({ ext }: OpenObject): string | undefined {
  if (ext?.lines.some(({ records }) => records.length > 0) === true) return undefined;
  return "The object says nothing of source lines: build it with clang and -g.";
}

/** Of a record. Compilers write 0 for a line or a column that they do not know. */
export function placeIn({ file, line, column, text }: LineInfo): Place {
  return {
    file: file === "" ? undefined : file,
    line,
    ...(column > 0 ? { column } : {}),
    ...(text.trim() === "" ? {} : { text: text.trim() }),
  };
}

const offsetIn = ({ function: { start }, first }: LoadedPart, instruction: number): number =>
  (start + instruction - first) * SLOT;

/** Those within the function, in the order of their offsets. */
function linesOf({ ext }: OpenObject, { function: { section, start }, length }: LoadedPart): readonly LineInfo[] {
  const all = groupedBy(ext?.lines ?? [], ({ name }) => name).get(section.name) ?? [];
  const [from, to] = [start * SLOT, (start + length) * SLOT];
  return all.flatMap(({ records }) => records.filter(({ offset }) => offset >= from && offset < to));
}

/** The last record at or before an offset. */
function lastAt(lines: readonly LineInfo[], offset: number): LineInfo | undefined {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return lines[low - 1];
}
