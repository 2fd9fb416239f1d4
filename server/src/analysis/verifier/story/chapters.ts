/** Chapters of a story as people read them: in the order of the program, one a line, not too many. */

import type { Chapter, Place } from "../answer.ts";
import type { Scene } from "./scene.ts";

/** Longer stories are not read. */
const MOST = 6;

/** What is to be told of a step; the heavier stay where a line has many. */
export interface Told {
  readonly at: number;
  /** Where it is told behind later steps. */
  readonly since?: number;
  readonly text: string;
  readonly weight?: number;
}

export function chaptersOf(found: Scene, told: readonly Told[]): readonly Chapter[] {
  const byLine = new Map<string, { readonly place: Place; readonly told: readonly Told[] }>();
  for (const one of [...told].sort((a, b) => (a.since ?? a.at) - (b.since ?? b.at))) {
    const place = found.placeOf(one.at);
    if (place === undefined) continue;
    const key = lineOf(place);
    const before = byLine.get(key);
    byLine.set(key, { place: before?.place ?? place, told: [...(before?.told ?? []), one] });
  }
  return few([...byLine.values()].map(({ place, told: own }): Chapter => ({ place, text: textOf(own) })));
}

/** Of what is to be told of one line the two that weigh most. */
function textOf(told: readonly Told[]): string {
  const heaviest = [...told].sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, 2);
  return [...new Set(told.filter((one) => heaviest.includes(one)).map(({ text }) => text))].join("; ");
}

/** Where it began, and what happened last. */
const few = (all: readonly Chapter[]): readonly Chapter[] =>
  all.length <= MOST ? all : [...all.slice(0, 1), ...all.slice(1 - MOST)];

const lineOf = ({ file, line }: Place): string => `${file}:${line}`;

/** Two stories as one. */
export function together(...stories: readonly (readonly Chapter[])[]): readonly Chapter[] {
  const seen = new Set<string>();
  const all = stories.flat().filter(({ place }) => {
    const key = lineOf(place);
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  return few(all);
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
