/** Looks words up in the catalogue of families. */

import { families } from "./families/index.ts";
import type { Family } from "./family.ts";

export interface Known {
  readonly family: Family;
  readonly match: RegExpExecArray;
  /** The line that it was found in. */
  readonly line: string;
}

const exact = families.filter(({ inGeneral }) => !inGeneral);
const general = families.filter(({ inGeneral }) => inGeneral);

/**
 * The first line that some family knows exactly; then what takes all lines together; then what is known in general.
 * @param lines each in every way that it may be written in the catalogue, the shortest first
 */
export function lookUp(lines: readonly (readonly string[])[]): Known | undefined {
  const whole = [lines.map(([line = ""]) => line).join("\n")];
  for (const some of [exact, general])
    for (const spellings of lines.length > 1 ? [...lines, whole] : lines) {
      const known = inFamilies(some, spellings);
      if (known !== undefined) return known;
    }
  return undefined;
}

function inFamilies(some: readonly Family[], spellings: readonly string[]): Known | undefined {
  for (const family of some)
    for (const pattern of family.said)
      for (const line of spellings) {
        const match = pattern.exec(line);
        if (match !== null) return { family, match, line };
      }
  return undefined;
}
