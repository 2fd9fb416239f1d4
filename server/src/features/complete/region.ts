/** The stretch of text that decides what a place is: the function around it, or what stands between two functions. */

import { functionAt } from "../../analysis/knowledge/programs.ts";
import type { Snapshot } from "../../analysis/snapshot.ts";
import { comparePositions, type Position, type Range, type Span } from "../../analysis/text.ts";

export interface Region extends Span {
  readonly inFunction: boolean;
}

/** Nothing beyond it is read: a request must not cost more because the file is long. */
export function regionAt(file: Snapshot, position: Position): Region {
  const fn = functionAt(file.model, position);
  return fn === undefined
    ? { ...gapAt(file, position), inFunction: false }
    : { ...spanOf(file, fn.range), inFunction: true };
}

function spanOf({ lines }: Snapshot, { start, end }: Range): Span {
  return { start: lines.offsetAt(start), end: lines.offsetAt(end) };
}

function gapAt({ model, lines, text }: Snapshot, position: Position): Span {
  let start: Position | undefined;
  let end: Position | undefined;
  for (const { range } of model.functions) {
    if (comparePositions(range.end, position) <= 0) start = later(start, range.end);
    else if (end === undefined || comparePositions(range.start, end) < 0) end = range.start;
  }
  return { start: start ? lines.offsetAt(start) : 0, end: end ? lines.offsetAt(end) : text.length };
}

function later(a: Position | undefined, b: Position): Position {
  return a === undefined || comparePositions(a, b) < 0 ? b : a;
}
