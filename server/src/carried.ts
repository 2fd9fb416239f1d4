/** Findings that are not looked for anew with each key: carried along with what is typed, until somebody looks again. */

import type { Finding } from "./analysis/lint.ts";
import type { Lines, Range } from "./analysis/text.ts";

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
  const end = sameTo(before, text);
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

/** The first place in which two texts differ. */
function sameFrom(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** In the first of them, from where on they are the same up to their ends; it may be before the first difference. */
function sameTo(a: string, b: string): number {
  let end = a.length;
  for (let other = b.length; end > 0 && other > 0 && a.charCodeAt(end - 1) === b.charCodeAt(other - 1); other--) end--;
  return end;
}
