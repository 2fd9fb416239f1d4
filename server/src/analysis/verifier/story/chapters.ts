/** Chapters of a story as people read them: in the order of the program, one a line, not too many. */

import type { Chapter } from "../answer.ts";
import type { Found } from "../family.ts";

/** Longer stories are not read. */
const MOST = 6;

/** What is to be told of a step; the heavier stays where a line has two. */
export interface Told {
  readonly at: number;
  readonly text: string;
  readonly weight?: number;
}

export function chaptersOf(found: Found, told: readonly Told[]): readonly Chapter[] {
  const byLine = new Map<string, Chapter & { readonly weight: number }>();
  for (const { at, text, weight = 0 } of [...told].sort((a, b) => a.at - b.at)) {
    const place = found.placeOf(at);
    if (place === undefined) continue;
    const key = `${place.file}:${place.line}`;
    const before = byLine.get(key);
    if (before === undefined || before.weight < weight) byLine.set(key, { place, text, weight });
  }
  const all = [...byLine.values()].map(({ place, text }): Chapter => ({ place, text }));
  // Where it began, and what happened last.
  return all.length <= MOST ? all : [...all.slice(0, 1), ...all.slice(1 - MOST)];
}

/** Two stories as one. */
export function together(...stories: readonly (readonly Chapter[])[]): readonly Chapter[] {
  const seen = new Set<string>();
  const all = stories.flat().filter(({ place }) => {
    const key = `${place.file}:${place.line}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return all.length <= MOST ? all : [...all.slice(0, 1), ...all.slice(1 - MOST)];
}

export interface Assignment {
  /** `value`, `e->pid` */
  readonly variable: string;
  /** What stands behind the sign. */
  readonly value: string;
}

/** The one plain assignment of a line: `struct v *value = bpf_map_lookup_elem(&seen, &key);` */
export function assignmentOf(text: string | undefined): Assignment | undefined {
  const found = [...(text ?? "").matchAll(ASSIGNMENT)];
  const [, variable, value] = found[0] ?? [];
  return found.length === 1 && variable !== undefined && value !== undefined ? { variable, value } : undefined;
}

const ASSIGNMENT = /([A-Za-z_]\w*(?:(?:->|\.)\w+)*)\s*=(?!=)\s*([^=].*)$/g;

/** The variable that a line gives what it calls a function for. */
export function variableFor(text: string | undefined, called: string): string | undefined {
  const assignment = assignmentOf(text);
  if (assignment === undefined) return undefined;
  const isPlain = new RegExp(`^(?:\\([^()]*\\)\\s*)?${called}\\s*\\(`).test(assignment.value);
  return isPlain ? assignment.variable : undefined;
}
