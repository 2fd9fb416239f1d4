/** Findings that are not looked for anew with each key: carried along with what is typed, until somebody looks again. */

import type { Finding } from "./analysis/lint.ts";
import { type Lines, type Range, sameFrom, sameTo } from "./analysis/text.ts";

/** A text as it was when its findings were made. */
export interface Looked {
  readonly text: string;
  readonly lines: Lines;
  readonly findings: readonly Finding[];
}

/** Where the findings stand now. What was typed into is gone: somebody is about to mend it. */
export function carried(
  { text: before, lines: then, findings }: Looked,
  text: string,
  lines: Lines,
): readonly Finding[] {
  if (before === text || findings.length === 0) return findings;
  const start = sameFrom(before, text);
  // It may be before the first difference: where one of two like words was typed, either may be it.
  const end = before.length - sameTo(before, text, 0);
  const by = text.length - before.length;
  const move = ({ start: from, end: to }: Range): Range | undefined => {
    const span = { start: then.offsetAt(from), end: then.offsetAt(to) };
    if (span.end <= start) return { start: from, end: to };
    return span.start >= end ? lines.rangeOf({ start: span.start + by, end: span.end + by }) : undefined;
  };
  return findings.flatMap((finding) => {
    const range = move(finding.range);
    if (range === undefined) return [];
    const related = finding.related?.flatMap((place) => {
      const moved = move(place.range);
      return moved === undefined ? [] : [{ ...place, range: moved }];
    });
    // A fix is made anew when somebody asks for it.
    const { fixes: _, ...rest } = finding;
    return [{ ...rest, range, ...(related && { related }) }];
  });
}
