/** What the lines of a source cost the verifier: how many of the instructions that it went through were made of each. */

import type { OpenObject } from "../object/open.ts";
import type { Place } from "./answer.ts";
import { placesInProgram } from "./instruction-places.ts";

export interface Costs {
  /** All instructions that were looked at, each as often as it was: what the kernel's limit counts. */
  readonly processed: number;
  /** The dearest first. */
  readonly lines: readonly LineCost[];
}

export interface LineCost {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** Instructions of this line that were looked at, each as often as it was. */
  readonly processed: number;
  /** Of all: 0 to 1. */
  readonly share: number;
  /** How often the verifier came by: the most of any of its instructions. */
  readonly visits: number;
  /** The programs that were loaded, and the functions that it is in: several for what is inlined or called by many. */
  readonly programs: readonly string[];
  readonly functions: readonly string[];
}

export interface Visits {
  readonly program: string;
  /** How often the verifier came by each instruction; absent where it was not counted. */
  readonly visits?: readonly number[];
}

export function costsOf(open: OpenObject, programs: readonly Visits[]): Costs {
  const lines = new Map<string, Sum>();
  let processed = 0;
  for (const { program, visits = [] } of programs) {
    const placeOf = placesInProgram(open, program);
    for (const [instruction, count] of visits.entries()) {
      if (count === 0) continue;
      processed += count;
      const found = placeOf(instruction);
      if (found?.place !== undefined) add(lines, found.place, { count, program, function: found.function });
    }
  }
  const all = [...lines.values()].map((sum): LineCost => lineCost(sum, processed));
  return { processed, lines: all.sort((a, b) => b.processed - a.processed || a.line - b.line) };
}

interface Sum {
  readonly place: Place;
  processed: number;
  visits: number;
  readonly programs: Set<string>;
  readonly functions: Set<string>;
}

interface Counted {
  readonly count: number;
  readonly program: string;
  readonly function: string;
}

function add(lines: Map<string, Sum>, place: Place, { count, program, function: name }: Counted): void {
  const key = `${place.file}:${place.line}`;
  const sum = lines.get(key) ?? { place, processed: 0, visits: 0, programs: new Set(), functions: new Set() };
  lines.set(key, sum);
  sum.processed += count;
  sum.visits = Math.max(sum.visits, count);
  sum.programs.add(program);
  sum.functions.add(name);
}

function lineCost({ place, processed, visits, programs, functions }: Sum, all: number): LineCost {
  const { file = "", line, text = "" } = place;
  const share = all === 0 ? 0 : processed / all;
  return { file, line, text, processed, share, visits, programs: [...programs], functions: [...functions] };
}

export interface CostChange {
  /** As it is now; of a line that is gone as it was. */
  readonly line: LineCost;
  /** Undefined where the line is new or gone. */
  readonly before: number | undefined;
  readonly after: number | undefined;
}

/** What became dearer or cheaper, the largest change first. Lines are the same by their text: files change between two runs. */
export function compareCosts(before: Costs, after: Costs): readonly CostChange[] {
  const former = byText(before.lines);
  const changes: CostChange[] = [];
  for (const [key, now] of byText(after.lines)) {
    const then = former.get(key);
    former.delete(key);
    if (then?.processed !== now.processed) changes.push({ line: now, before: then?.processed, after: now.processed });
  }
  for (const gone of former.values()) changes.push({ line: gone, before: gone.processed, after: undefined });
  return changes.sort((a, b) => sizeOf(b) - sizeOf(a) || a.line.line - b.line.line);
}

const sizeOf = ({ before = 0, after = 0 }: CostChange): number => Math.abs(after - before);

/** Of several lines with one text in a file the first is the first, and so on. */
function byText(lines: readonly LineCost[]): Map<string, LineCost> {
  const counts = new Map<string, number>();
  const found = new Map<string, LineCost>();
  for (const one of [...lines].sort((a, b) => a.line - b.line)) {
    const text = `${one.file}\n${one.text || one.line}`;
    const nth = counts.get(text) ?? 0;
    counts.set(text, nth + 1);
    found.set(`${text}\n${nth}`, one);
  }
  return found;
}
