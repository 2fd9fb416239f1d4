/** Where places of a text stand after an edit. */

import { type Lines, type Range, type Span, sameFrom, sameTo } from "./text.ts";

/** What differs between two texts: a stretch of the one that has become a stretch of the other. */
export interface Difference {
  readonly before: Span;
  readonly now: Span;
}

/** Undefined where they are the same. */
export function differenceOf(before: string, now: string): Difference | undefined {
  if (before === now) return undefined;
  const start = sameFrom(before, now);
  // It may be before the first difference: where one of two like words was typed, either may be it.
  const same = sameTo(before, now, 0);
  return { before: { start, end: before.length - same }, now: { start, end: now.length - same } };
}

/** Of what was typed into nobody can tell where it stands. */
export function mover({ before, now }: Difference, then: Lines, lines: Lines): (range: Range) => Range | undefined {
  const by = now.end - before.end;
  return ({ start: from, end: to }) => {
    const start = then.offsetAt(from);
    const end = then.offsetAt(to);
    if (end <= before.start) return { start: from, end: to };
    return start >= before.end ? lines.rangeOf({ start: start + by, end: end + by }) : undefined;
  };
}

interface Placed {
  readonly range: Range;
  readonly related?: readonly { readonly range: Range; readonly message: string }[];
}

/** Undefined where it was typed into itself. What belongs to it elsewhere is left out there. */
export function movedReport<R extends Placed>(report: R, move: (range: Range) => Range | undefined): R | undefined {
  const range = move(report.range);
  if (range === undefined) return undefined;
  const related = report.related?.flatMap((place) => {
    const moved = move(place.range);
    return moved === undefined ? [] : [{ ...place, range: moved }];
  });
  return { ...report, range, ...(related && { related }) };
}
