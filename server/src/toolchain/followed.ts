/** Where a range is after edits of its text, also where its own line was edited: it stays with what is left of it. */

import type { Position, Range } from "../analysis/text.ts";
import type { Change } from "./moved.ts";

/**
 * @param changes the one furthest down first, as editors report them
 * @returns undefined when all of it is gone
 */
export function followed(range: Range, changes: readonly Change[]): Range | undefined {
  let now = range;
  for (const change of changes) {
    const start = after(now.start, change, false);
    const end = after(now.end, change, true);
    if (!isBefore(start, end) && isBefore(now.start, now.end)) return undefined;
    now = { start, end: isBefore(start, end) ? end : start };
  }
  return now;
}

/** @param isEnd what is put at the very end of a range does not belong to it, nor what is put before its start */
function after(position: Position, { range: { start, end }, text }: Change, isEnd: boolean): Position {
  if (isBefore(position, start)) return position;
  // What begins with it is replaced, and what is put before it moves it.
  if (isSame(position, start) && (isEnd || isBefore(start, end))) return position;
  const inserted = text.split("\n");
  const last = inserted.at(-1) ?? "";
  const behind: Position = {
    line: start.line + inserted.length - 1,
    character: inserted.length === 1 ? start.character + last.length : last.length,
  };
  // What was inside of the edit goes to its nearer side.
  if (isBefore(position, end)) return isEnd ? start : behind;
  const sameLine = position.line === end.line;
  return {
    line: position.line + behind.line - end.line,
    character: sameLine ? behind.character + position.character - end.character : position.character,
  };
}

function isBefore(one: Position, other: Position): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}

function isSame(one: Position, other: Position): boolean {
  return one.line === other.line && one.character === other.character;
}
