/** Where a range is after an edit of its text; nowhere when one of its lines was changed, since that says something else now. */

import type { Position, Range } from "../analysis/text.ts";

export interface Change {
  readonly range: Range;
  readonly text: string;
}

/** @param changes the one furthest down first, as editors report them */
export function moved(range: Range, changes: readonly Change[]): Range | undefined {
  let now: Range = range;
  for (const { range: old, text } of changes) {
    // A line that is put before another one, or taken away there, leaves that as it is.
    const before =
      old.end.line < now.start.line ||
      (old.end.line === now.start.line && isLineStart(old.end) && isWhole(old.start, text));
    if (old.start.line > now.end.line) continue;
    if (!before) return undefined;
    const delta = count(text) - (old.end.line - old.start.line);
    now = { start: shifted(now.start, delta), end: shifted(now.end, delta) };
  }
  return now;
}

function isLineStart({ character }: Position): boolean {
  return character === 0;
}

function isWhole({ character }: Position, text: string): boolean {
  return character === 0 && (text === "" || text.endsWith("\n"));
}

function shifted({ line, character }: Position, delta: number): Position {
  return { line: line + delta, character };
}

function count(text: string): number {
  return text.split("\n").length - 1;
}
