/**
 * Reads a file all of whose words may mean something else now, as where a header has changed, or a line of the preprocessor.
 * Mostly none does: then what was taken out of it, and its declarations, are taken over.
 */

import type { Span } from "../text.ts";
import { Cursor, placesByName } from "./cursor.ts";
import { blankOf, type Islands, type Lowered, lowerAll, type SectionMark, type Split, split } from "./dialect.ts";
import type { Define, Macros } from "./macros.ts";
import { type Outline, outlineOf } from "./outline.ts";
import { islandsAround, type Move, outlineBehind } from "./shifted.ts";
import { IDENTIFIER, type Tokens } from "./tokens.ts";
import { type Edit, editBetween } from "./tokens-again.ts";
import type { Lookup } from "./types.ts";

export interface Reading {
  readonly lowered: Lowered;
  readonly outline: Outline;
}

export interface Around extends Reading {
  /** Whether the words of the code are those of before, and mean the same wherever a declaration is read. */
  readonly sameWords: boolean;
  /** Not known. */
  readonly sameCalls?: undefined;
}

/** @param known definitions from headers; the text's own win over them */
export function readAround(source: string, known: Lookup<Define> | undefined, before: Reading | undefined): Around {
  const now = split(source, known, before?.lowered);
  const same = before && takenOver(now, before);
  if (same !== undefined) return { ...same, sameWords: true };
  const lowered = lowerAll(now);
  return { lowered, outline: outlineOf(lowered), sameWords: false };
}

function takenOver(now: Split, { lowered: old, outline }: Reading): Reading | undefined {
  // What is chosen among branches, or changes its meaning on the way, is not that easily compared.
  if (old.dropped.length > 0 || now.dropped.length > 0) return undefined;
  if (old.macros.at(0) !== old.macros || now.macros.at(0) !== now.macros) return undefined;
  const { source, text, islands } = old;
  // Most keys outside of functions change a word, which is seen at once; to ask what all of them mean takes longest.
  const found =
    now.source === source ? { lowered: { ...now, text, islands }, outline } : moved(now, { lowered: old, outline });
  return found !== undefined && meansTheSame(old, now.macros) ? found : undefined;
}

/** Whether whatever is asked of macros, when the text is read as declarations, has the answer it had. */
function meansTheSame({ cursor, macros: then, islands, source }: Lowered, now: Macros): boolean {
  // What these stand for may be anything.
  if (islands.expansions.length > 0) return false;
  for (const word of placesByName(cursor).keys()) {
    if (then.defines.get(word) === undefined && now.defines.get(word) === undefined) continue;
    if (
      then.isAttribute(word) !== now.isAttribute(word) ||
      then.isSection(word) !== now.isSection(word) ||
      then.isStatement(word) !== now.isStatement(word) ||
      then.makesDeclaration(word) !== now.makesDeclaration(word)
    )
      return false;
  }
  const isPlain = (mark: SectionMark): boolean => isSpelledOut(mark, source, cursor, [then, now]);
  return islands.sections.every(isPlain);
}

/** `SEC("xdp")`, where nobody defines `SEC`. */
function isSpelledOut(
  { name, nameSpan, token, lastToken }: SectionMark,
  source: string,
  cursor: Cursor,
  macros: readonly Macros[],
): boolean {
  if (source.slice(nameSpan.start, nameSpan.end) !== name) return false;
  for (let i = token; i <= lastToken; i++) {
    const word = cursor.kind(i) === IDENTIFIER ? cursor.text(i) : undefined;
    if (word !== undefined && macros.some(({ defines }) => defines.get(word) !== undefined)) return false;
  }
  return true;
}

/** The same tokens, of which some stand elsewhere: comments or lines of the preprocessor have changed between two declarations. */
function moved(now: Split, { lowered: old, outline }: Reading): Reading | undefined {
  const edit = editBetween(old.source, now.source);
  const { start, oldEnd: end } = edit;
  const move: Move = { from: end, by: now.source.length - old.source.length, tokens: 0 };
  const next = old.cursor.firstFrom(start);
  if (!areSame(old.tokens, now.tokens, next, move.by)) return undefined;
  const gap = gapBefore(next, edit, old.cursor);
  if (gap === undefined || !isBetweenDeclarations(next, old.cursor)) return undefined;
  const cursor = new Cursor(now.source, now.tokens);
  // In a broken file a declaration begins where a line does.
  if (cursor.startsLine(next) !== old.cursor.startsLine(next)) return undefined;
  const { functions, variables, prototypes } = outline;
  const isAcross = (one: Span): boolean => one.start < end && one.end > start;
  if ([functions, variables, prototypes].some((list) => list.some(isAcross))) return undefined;
  const islands = islandsAround(old.islands, NOTHING, { start, end }, move);
  if (islands === undefined) return undefined;
  cursor.takeAllBrackets(old.cursor);
  const text = old.text.slice(0, gap.start) + blanked(gap, now) + old.text.slice(gap.end - move.by);
  return { lowered: { ...now, cursor, text, islands }, outline: outlineBehind(outline, move) };
}

const NOTHING: Islands = { sections: [], members: [], programMacros: [], attributes: [], expansions: [], calls: [] };

/** Whether the tokens before one are where they were, and those from it on `by` characters farther. */
function areSame(then: Tokens, now: Tokens, next: number, by: number): boolean {
  if (then.count !== now.count) return false;
  for (let i = 0; i < then.count; i++) {
    const far = i < next ? 0 : by;
    if (then.kinds[i] !== now.kinds[i]) return false;
    if ((then.starts[i] ?? 0) + far !== now.starts[i] || (then.ends[i] ?? 0) + far !== now.ends[i]) return false;
  }
  return true;
}

/** From the token before the edit to the next; undefined where it touches one of them. */
function gapBefore(next: number, { start, oldEnd, newEnd }: Edit, then: Cursor): Span | undefined {
  const gap = { start: then.end(next - 1), end: then.start(next) + newEnd - oldEnd };
  return gap.start > start || then.start(next) < oldEnd ? undefined : gap;
}

function isBetweenDeclarations(next: number, cursor: Cursor): boolean {
  if (next > 0 && !cursor.is(next - 1, ";") && !cursor.is(next - 1, "}")) return false;
  let i = 0;
  while (i < next) i = cursor.is(i, "{") || cursor.is(i, "(") || cursor.is(i, "[") ? cursor.closing(i) + 1 : i + 1;
  return i === next;
}

function blanked({ start, end }: Span, { source, tokens }: Split): string {
  const pieces: string[] = [];
  let at = start;
  for (const directive of tokens.directives) {
    if (directive.end <= start || directive.start >= end) continue;
    pieces.push(source.slice(at, directive.start), blankOf(source, directive.start, directive.end));
    at = directive.end;
  }
  return pieces.join("") + source.slice(at, end);
}
