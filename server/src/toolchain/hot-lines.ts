/** How often the verifier came by each line of the source, program by program. */

import type { LineVisits } from "../analysis/verifier/heat.ts";
import { instructionPlaces } from "../analysis/verifier/instruction-places.ts";
import type { Tried } from "./agent/tried.ts";
import { openOnDisk } from "./object.ts";

/** By the programs' names; without those whose visits nobody has counted. */
export type HotLines = Readonly<Record<string, readonly LineVisits[]>>;

export async function hotLines(object: string, tried: readonly Tried[]): Promise<HotLines> {
  const open = await openOnDisk(object);
  return Object.fromEntries(
    tried.flatMap(({ program, visits }) => {
      if (visits === undefined) return [];
      const placeOf = instructionPlaces(open, program);
      const each = visits.flatMap((number, instruction) => {
        const place = placeOf(instruction);
        if (place?.file === undefined || number === 0) return [];
        const { file, line, text } = place;
        return [{ file, line, visits: number, ...(text !== undefined && { text }) }];
      });
      return [[program, summed(each)] as const];
    }),
  );
}

/** One for each line. */
export function summed(lines: readonly LineVisits[]): readonly LineVisits[] {
  const sums = new Map<string, LineVisits>();
  for (const one of lines) {
    const key = JSON.stringify([one.file, one.line]);
    sums.set(key, { ...one, visits: (sums.get(key)?.visits ?? 0) + one.visits });
  }
  return [...sums.values()];
}
