/**
 * Reads a file after an edit within the body of one function. Nearly every key is such an edit: what stands before and
 * behind the function is taken over, as it would be read again to the same.
 */

import type { Span } from "../text.ts";
import type { Reading } from "./around.ts";
import { Cursor } from "./cursor.ts";
import { type CallMark, isPlainName, type Lowered, lowerPart } from "./dialect.ts";
import { type FunctionOutline, type Outline, outlineOfFunction } from "./outline.ts";
import {
  islandsAround,
  type Move,
  movedAttribute,
  movedCall,
  movedDirective,
  movedExpansion,
  movedMacro,
  movedMember,
  movedSection,
  movedSpan,
  outlineBehind,
} from "./shifted.ts";
import { IDENTIFIER, type Tokens, tokenize } from "./tokens.ts";
import { type Edit, editBetween, mayEndComments, spliced } from "./tokens-again.ts";

export interface Again extends Reading {
  /** Whether the function calls the same as before, with the same arguments. */
  readonly sameCalls: boolean;
  readonly sameWords?: undefined;
}

/** @returns undefined where more than one function may read differently now: then all of it must be read */
export function readAgain(source: string, { lowered: old, outline }: Reading): Again | undefined {
  const { cursor: oldCursor, macros } = old;
  // What is chosen among branches, or changes its meaning on the way, hangs on more than one function.
  if (old.dropped.length > 0 || macros.at(0) !== macros || !oldCursor.isWhole) return undefined;
  const edit = editBetween(old.source, source);
  const at = outline.functions.findIndex((one) => isWithinBody(edit, one, old.source));
  const fn = outline.functions[at];
  if (fn === undefined || mayEndComments(edit, old.source, source)) return undefined;
  if (old.tokens.directives.some((one) => overlaps(one, fn))) return undefined;
  return readWord(source, { lowered: old, outline }, edit, at) ?? readFunction(source, { lowered: old, outline }, at);
}

/** Most keys make a name longer: another name in the place of one is read as that was. */
function readWord(source: string, { lowered: old, outline }: Reading, edit: Edit, at: number): Again | undefined {
  const { cursor: oldCursor, macros, tokens, islands } = old;
  const token = oldCursor.firstFrom(edit.start + 1) - 1;
  const word = oldCursor.span(token);
  const by = source.length - old.source.length;
  const fn = outline.functions[at];
  const isWithin = oldCursor.kind(token) === IDENTIFIER && edit.start <= word.end && edit.oldEnd <= word.end;
  if (fn === undefined || !isWithin || oldCursor.is(token + 1, "(")) return undefined;
  const before = old.source.slice(word.start, word.end);
  const now = source.slice(word.start, word.end + by);
  // Behind some names a quotation mark belongs to them, and a line may go on behind a backslash.
  if (!NAME.test(now) || /["'\\]/.test(source.charAt(word.end + by))) return undefined;
  if (old.text.slice(word.start, word.end) !== before) return undefined;
  if (!isPlainName(before, macros) || !isPlainName(now, macros)) return undefined;
  const { sections, members, programMacros, attributes, expansions, calls } = islands;
  if ([sections, members, programMacros, attributes, expansions].some((list) => list.some((one) => touches(one, word))))
    return undefined;

  const move: Move = { from: word.end, by, tokens: 0 };
  const tokensNow = longer(tokens, token, move);
  const cursor = new Cursor(source, tokensNow);
  cursor.takeAllBrackets(oldCursor);
  const moved = <T extends Span>(list: readonly T[], movedOne: (one: T, move: Move) => T): readonly T[] =>
    list.map((one) => (one.start < word.end ? one : movedOne(one, move)));
  let sameCalls = true;
  const lowered: Lowered = {
    ...old,
    source,
    text: old.text.slice(0, word.start) + now + old.text.slice(word.end),
    tokens: tokensNow,
    cursor,
    islands: {
      sections: moved(sections, movedSection),
      members: moved(members, movedMember),
      programMacros: moved(programMacros, movedMacro),
      attributes: moved(attributes, movedAttribute),
      expansions: moved(expansions, movedExpansion),
      calls: calls.map((call) => {
        if (call.start >= word.end) return movedCall(call, move);
        if (call.end <= word.start) return call;
        sameCalls = false;
        return { ...call, end: call.end + by };
      }),
    },
  };
  const { start, end } = fn.bodySpan;
  const changed = { ...fn, end: fn.end + by, bodySpan: { start, end: end + by } };
  return { lowered, outline: outlineWith(outline, at, changed, { ...move, from: fn.end }), sameCalls };
}

const NAME = /^[A-Za-z_]\w*$/;

function touches({ start, end }: Span, word: Span): boolean {
  return start <= word.end && word.start <= end;
}

function readFunction(source: string, { lowered: old, outline }: Reading, at: number): Again | undefined {
  const { cursor: oldCursor, macros } = old;
  const fn = outline.functions[at];
  if (fn === undefined) return undefined;
  const by = source.length - old.source.length;
  const inside = tokenize(source, fn.start, fn.end + by);
  if (inside.directives.length > 0) return undefined;
  const first = oldCursor.firstFrom(fn.start);
  const count = oldCursor.firstFrom(fn.end) - first;
  const move: Move = { from: fn.end, by, tokens: inside.count - count };
  const tokens = spliced(old.tokens, inside, fn, move);
  const cursor = new Cursor(source, tokens);
  if (!cursor.takeBrackets(oldCursor, first, count, inside.count)) return undefined;
  const part = lowerPart(source, cursor, macros, first, first + inside.count);
  const islands = part && islandsAround(old.islands, part.islands, fn, move);
  if (part === undefined || islands === undefined) return undefined;
  const text = old.text.slice(0, fn.start) + part.text + old.text.slice(fn.end);
  const lowered: Lowered = { ...old, source, text, tokens, cursor, islands };
  const changed = outlineOfFunction({ ...lowered, islands: part.islands }, first, first + inside.count);
  if (changed === undefined || changed.start !== fn.start || changed.end !== fn.end + by) return undefined;
  const sameCalls = areSame(textsOf(callsIn(old, fn), old.source), textsOf(part.islands.calls, source));
  return { lowered, outline: outlineWith(outline, at, changed, move), sameCalls };
}

/** Of the functions one has changed. */
function outlineWith(outline: Outline, at: number, changed: FunctionOutline, move: Move): Outline {
  const moved = outlineBehind(outline, move);
  return { ...moved, functions: moved.functions.map((one, i) => (i === at ? changed : one)) };
}

function callsIn({ islands }: Lowered, { start, end }: Span): readonly CallMark[] {
  return islands.calls.filter((call) => call.start >= start && call.start < end);
}

/** From their names to their closing parentheses. */
function textsOf(calls: readonly CallMark[], source: string): readonly string[] {
  return calls.map(({ start, end }) => source.slice(start, end));
}

function areSame(before: readonly string[], now: readonly string[]): boolean {
  return before.length === now.length && before.every((text, i) => text === now[i]);
}

/** A function that a macro makes has its body elsewhere. */
function isWithinBody({ start, oldEnd }: Edit, { bodySpan, end }: FunctionOutline, source: string): boolean {
  return bodySpan.start < start && oldEnd < bodySpan.end && bodySpan.end === end && source[bodySpan.start] === "{";
}

function overlaps(a: Span, b: Span): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The same tokens, of which one has become longer or shorter. */
function longer(
  { count, kinds, starts: oldStarts, ends: oldEnds, directives, comments }: Tokens,
  token: number,
  move: Move,
): Tokens {
  const starts = oldStarts.slice();
  const ends = oldEnds.slice();
  for (let i = token; i < count; i++) {
    if (i > token) starts[i] = (oldStarts[i] ?? 0) + move.by;
    ends[i] = (oldEnds[i] ?? 0) + move.by;
  }
  return {
    count,
    kinds,
    starts,
    ends,
    directives: directives.map((one) => (one.start < move.from ? one : movedDirective(one, move))),
    comments: comments.map((one) => (one.start < move.from ? one : movedSpan(one, move))),
  };
}
