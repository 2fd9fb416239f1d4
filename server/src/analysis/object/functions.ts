/** The functions of an object: programs, which the kernel runs, and what these call. */

import { BadObject } from "../elf/bytes.ts";
import type { Elf, ElfSymbol, Section } from "../elf/elf.ts";
import { groupedBy } from "./grouped.ts";
import { decode, type Instruction, SLOT } from "./instructions.ts";

export interface CodeFunction {
  readonly name: string;
  /** The section of its code. */
  readonly section: Section;
  /** Whether the kernel runs it; else it is only called. */
  readonly isProgram: boolean;
  /** Whether the verifier looks at it once for all that call it. */
  readonly isGlobal: boolean;
  /** Its first slot of eight bytes in its section, and how many it has. */
  readonly start: number;
  readonly length: number;
  readonly instructions: readonly Instruction[];
}

export function functionsIn({ symbols }: Elf, code: readonly Section[]): readonly CodeFunction[] {
  const own = symbols.filter(({ kind, section }) => kind === "function" && section !== undefined);
  const bySection = groupedBy(own, ({ section }) => section);
  const found = code.flatMap((section) => functionsOf(section, bySection.get(section.index) ?? []));
  if (found.length > MOST)
    throw new BadObject(`The object has ${found.length} functions; up to ${MOST} are looked at.`);
  return found;
}

/** Which of them reaches which is asked for each. */
const MOST = 8192;

function functionsOf(section: Section, symbols: readonly ElfSymbol[]): readonly CodeFunction[] {
  const instructions = decode(section.content);
  const slots = section.content.length / SLOT;
  const starts = startsOf(symbols, slots);
  let next = 0;
  return starts.map(({ name, start, isGlobal }, i) => {
    const end = starts[i + 1]?.start ?? slots;
    const from = next;
    while (next < instructions.length && (instructions[next]?.index ?? end) < end) next++;
    const own = instructions.slice(from, next);
    // What is called lies in .text; everywhere else the section says when the kernel runs it.
    return {
      name,
      section,
      isProgram: section.name !== ".text",
      isGlobal,
      start,
      length: end - start,
      instructions: own,
    };
  });
}

interface Start {
  readonly name: string;
  readonly start: number;
  readonly isGlobal: boolean;
}

/** One function for each place where one begins; code before the first, or without any, is one without a name. */
function startsOf(symbols: readonly ElfSymbol[], slots: number): readonly Start[] {
  const byPlace = new Map<number, Start>();
  for (const { name, value, binding, hidden } of symbols) {
    const start = Math.floor(value / SLOT);
    const isGlobal = binding !== "local" && !hidden;
    if (start >= slots || (byPlace.get(start)?.isGlobal ?? false)) continue;
    byPlace.set(start, { name, start, isGlobal });
  }
  if (!byPlace.has(0)) byPlace.set(0, { name: "", start: 0, isGlobal: false });
  return [...byPlace.values()].sort((a, b) => a.start - b.start);
}
