/** The tokens of a text after an edit: only the lines around it are split into words again. */

import { type Span, sameFrom, sameTo } from "../text.ts";
import { Cursor } from "./cursor.ts";
import { type Move, movedDirective, movedSpan } from "./shifted.ts";
import { type Tokens, tokenizeLines } from "./tokens.ts";

export interface Edit {
  readonly start: number;
  /** Where it ended in the text before, and where it ends now. */
  readonly oldEnd: number;
  readonly newEnd: number;
}

export function editBetween(before: string, now: string): Edit {
  const start = sameFrom(before, now);
  const same = sameTo(before, now, start);
  return { start, oldEnd: before.length - same, newEnd: now.length - same };
}

/** Where comments begin and end decides about text far away. */
export function mayEndComments({ start, oldEnd, newEnd }: Edit, before: string, now: string): boolean {
  const from = Math.max(0, start - 2);
  return COMMENT.test(before.slice(from, oldEnd + 2)) || COMMENT.test(now.slice(from, newEnd + 2));
}

const COMMENT = /\/\*|\*\/|\\/;

/** @returns undefined where what is far from the edit may read differently now: then all of it must be read */
export function tokenizeAgain(source: string, old: string, tokens: Tokens): Tokens | undefined {
  const edit = editBetween(old, source);
  if (mayEndComments(edit, old, source)) return undefined;
  const around = linesAround(edit, old, tokens);
  const by = source.length - old.length;
  const inside = tokenizeLines(source, around.start, around.end + by);
  return inside && spliced(tokens, inside, around, { by });
}

/**
 * Of the text before, the lines of an edit and the one above it, whose comment may look at them: from where a line begins
 * afresh to where another does.
 */
function linesAround({ start, oldEnd }: Edit, old: string, { comments }: Tokens): Span {
  // Nothing but a comment or a backslash leads from one line to the next.
  const isAfresh = (at: number): boolean =>
    !GOES_ON.test(old.slice(Math.max(0, at - 3), at)) && !comments.some((one) => one.start < at && at < one.end);
  const lineAt = (offset: number): number => (offset <= 0 ? 0 : old.lastIndexOf("\n", offset - 1) + 1);
  let from = lineAt(lineAt(start) - 1);
  while (from > 0 && !isAfresh(from)) from = lineAt(from - 1);
  let to = old.indexOf("\n", oldEnd) + 1;
  while (to > 0 && !isAfresh(to)) to = old.indexOf("\n", to) + 1;
  return { start: from, end: to === 0 ? old.length : to };
}

const GOES_ON = /\\\r?\n$/;

/** The tokens of a text in which others stand in the place of those of one stretch. */
export function spliced(old: Tokens, inside: Tokens, span: Span, move: Pick<Move, "by">): Tokens {
  // Asked only for where tokens stand, which takes no text.
  const cursor = new Cursor("", old);
  const first = cursor.firstFrom(span.start);
  const behind = cursor.firstFrom(span.end);
  const more = inside.count - (behind - first);
  const count = old.count + more;
  const kinds = new Uint8Array(count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  kinds.set(old.kinds.subarray(0, first));
  starts.set(old.starts.subarray(0, first));
  ends.set(old.ends.subarray(0, first));
  kinds.set(inside.kinds, first);
  starts.set(inside.starts, first);
  ends.set(inside.ends, first);
  kinds.set(old.kinds.subarray(behind), first + inside.count);
  for (let i = behind; i < old.count; i++) {
    starts[i + more] = (old.starts[i] ?? 0) + move.by;
    ends[i + more] = (old.ends[i] ?? 0) + move.by;
  }
  type Moved<T> = (one: T, move: Pick<Move, "by">) => T;
  const around = <T extends Span>(before: readonly T[], now: readonly T[], moved: Moved<T>): readonly T[] => [
    ...before.filter(({ start }) => start < span.start),
    ...now,
    ...before.flatMap((one) => (one.start >= span.end ? [moved(one, move)] : [])),
  ];
  return {
    count,
    kinds,
    starts,
    ends,
    directives: around(old.directives, inside.directives, movedDirective),
    comments: around(old.comments, inside.comments, movedSpan),
  };
}
