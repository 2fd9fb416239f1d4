/** What would have to go for an older kernel to do: the newest things one after the other, each time worked out anew. */

import type { Program } from "../model.ts";
import type { Lowered } from "./minimum.ts";
import type { Asked, Need } from "./need.ts";
import { type Reason, reasonsOf } from "./reasons.ts";
import { highest } from "./since.ts";

/** More is another program. */
const STEPS = 3;

export function loweredOf(needs: readonly Need[], asked: Asked): readonly Lowered[] {
  const steps: Lowered[] = [];
  const without: Pick<Reason, "what" | "range">[] = [];
  let left = needs;
  while (steps.length < STEPS) {
    const reasons = reasonsOf(left, asked);
    const top = highest(reasons.map(({ since }) => since));
    const newest = reasons.filter(({ since }) => since === top);
    left = remaining(left, newest);
    const release = highest(reasonsOf(left, asked).map(({ since }) => since));
    // A program without its type is none; where nothing is left there is nothing to load.
    if (release === undefined || release === top || !hasPrograms(left)) break;
    without.push(...newest.map(({ what, range }) => ({ what, range })));
    steps.push({ release, without: [...without] });
  }
  return steps;
}

/** Without what is newest; a program that is itself too new goes with everything that only it needs. */
function remaining(needs: readonly Need[], newest: readonly Reason[]): readonly Need[] {
  const gone = new Set(newest.map(({ what }) => what));
  const lost = new Set<Program>(
    needs.flatMap(({ what, programs, isProgram }) => (isProgram && gone.has(what) ? programs : [])),
  );
  return needs.flatMap((need) => {
    if (gone.has(need.what)) return [];
    const programs = need.programs.filter((program) => !lost.has(program));
    return programs.length > 0 || need.ofFile || need.programs.length === 0 ? [{ ...need, programs }] : [];
  });
}

function hasPrograms(needs: readonly Need[]): boolean {
  return needs.some(({ isProgram }) => isProgram === true);
}
