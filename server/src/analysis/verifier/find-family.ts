/** The family of the catalogue to which a message belongs. */

import { families } from "./families/index.ts";
import type { Family } from "./family.ts";

export interface FoundFamily {
  readonly family: Family;
  readonly match: RegExpExecArray;
}

export function findFamily(text: string): FoundFamily | undefined {
  return findAmong(exact, [text]) ?? findAmong(general, [text]);
}

/**
 * Of several lines that belong together: one that sums them up; the first that some family knows exactly; then what takes them all together; then
 * what is known in general.
 * @param lines each in every way that it may be written in the catalogue
 */
export function findInLines(lines: readonly (readonly string[])[]): FoundFamily | undefined {
  const whole = [lines.map(([line = ""]) => line).join("\n")];
  for (const some of [summing, exact, general])
    for (const spellings of lines.length > 1 ? [...lines, whole] : lines) {
      const found = findAmong(some, spellings);
      if (found !== undefined) return found;
    }
  return undefined;
}

const summing = families.filter(({ sumsUp }) => sumsUp);
const exact = families.filter(({ inGeneral }) => !inGeneral);
const general = families.filter(({ inGeneral }) => inGeneral);

function findAmong(some: readonly Family[], spellings: readonly string[]): FoundFamily | undefined {
  for (const family of some)
    for (const pattern of family.said)
      for (const line of spellings) {
        const match = pattern.exec(line);
        if (match !== null) return { family, match };
      }
  return undefined;
}
