/** The family of the catalogue to which a message belongs. */

import { families } from "./families/index.ts";
import type { Family } from "./family.ts";

export interface FoundFamily {
  readonly family: Family;
  readonly match: RegExpExecArray;
}

export function findFamily(text: string): FoundFamily | undefined {
  for (const family of ordered)
    for (const pattern of family.said) {
      const match = pattern.exec(text);
      if (match !== null) return { family, match };
    }
  return undefined;
}

const ordered = [...families.filter(({ inGeneral }) => !inGeneral), ...families.filter(({ inGeneral }) => inGeneral)];
