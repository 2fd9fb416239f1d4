/** Where the cursor stands, as far as completion cares. Read from tokens, so that half-typed code will do. */

import type { Snapshot } from "../../analysis/snapshot.ts";
import { Cursor } from "../../analysis/syntax/cursor.ts";
import { SECTION_MACROS } from "../../analysis/syntax/dialect-words.ts";
import { CHARACTER, type Directive, IDENTIFIER, NUMBER, STRING, tokenize } from "../../analysis/syntax/tokens.ts";
import type { Position, Span } from "../../analysis/text.ts";
import { type Region, regionAt } from "./region.ts";

export type Place = StringPlace | IncludePlace | MemberPlace | CodePlace;

export interface StringPlace {
  readonly kind: "section" | "licence";
  /** Between the quotes; where the closing one is missing, as far as the text may belong to it. */
  readonly content: Span;
  readonly closed: boolean;
  /** What the section marks. */
  readonly holder: Holder;
}

export type Holder = "function" | "map" | "characters" | "variable";

export interface IncludePlace {
  readonly kind: "include";
  readonly content: Span;
  readonly quoted: boolean;
  readonly closed: boolean;
}

/** Behind `->` or `.`. */
export interface MemberPlace {
  readonly kind: "member";
  readonly word: Span;
}

export interface CodePlace {
  readonly kind: "code";
  /** The word that the cursor is in or behind; empty where there is none. */
  readonly word: Span;
  /** Its part before the cursor. */
  readonly prefix: string;
  /** The token before the word; empty at the beginning. */
  readonly before: string;
  readonly inBody: boolean;
  /** A parenthesis follows. */
  readonly isCalled: boolean;
  readonly startsLine: boolean;
  /** Brackets around the cursor, the innermost last. */
  readonly openings: readonly Opening[];
  readonly cursor: Cursor;
}

export interface Opening {
  readonly token: number;
  /** How many commas stand between it and the cursor, at its own level. */
  readonly commas: number;
}

export function placeAt(file: Snapshot, position: Position): Place | undefined {
  const { text, lines, model } = file;
  const offset = lines.offsetAt(position);
  const region = regionAt(file, position);
  const tokens = model.code.tokensIn(region);
  if (tokens.comments.some((comment) => isInComment(text, comment, offset))) return undefined;
  const directive = tokens.directives.find(({ start, end }) => start < offset && offset <= end);
  if (directive !== undefined) return directivePlace(text, directive, offset);
  return tokenPlace(text, new Cursor(text, tokens), offset, region);
}

/** Right behind a closed comment one is outside of it; at the end of any other still inside. */
function isInComment(text: string, { start, end }: Span, offset: number): boolean {
  const closed = end - start > 3 && text.startsWith("/*", start) && text.startsWith("*/", end - 2);
  return start < offset && (closed ? offset < end : offset <= end);
}

function directivePlace(text: string, { name, bodyStart, end }: Directive, offset: number): Place | undefined {
  if (offset < bodyStart) return undefined;
  if (name === "include") return includePlace(text, bodyStart, end, offset);
  if (name !== "define") return undefined;
  const cursor = new Cursor(text, tokenize(text, bodyStart, end));
  // The name that is defined is the user's own.
  return offset <= cursor.end(0) ? undefined : tokenPlace(text, cursor, offset, "define");
}

function includePlace(text: string, from: number, to: number, offset: number): IncludePlace | undefined {
  const match = /^(\s*([<"]))([^>"\n\r]*)([>"]?)/.exec(text.slice(from, to));
  const [, lead = "", open, path = "", close] = match ?? [];
  const start = from + lead.length;
  const end = start + path.length;
  if (open === undefined || offset < start || offset > end) return undefined;
  return { kind: "include", content: { start, end }, quoted: open === '"', closed: close !== "" };
}

/** @param within the tokens there are: those of a region, or what a `#define` stands for behind its name */
function tokenPlace(text: string, cursor: Cursor, offset: number, within: Region | "define"): Place | undefined {
  const at = lastStartingBefore(cursor, offset);
  const kind = offset <= cursor.end(at) ? cursor.kind(at) : 0;
  if (kind === NUMBER) return undefined;
  if ((kind === STRING || kind === CHARACTER) && isInLiteral(text, cursor.span(at), offset))
    return kind === STRING ? stringPlace(text, cursor, at, offset) : undefined;
  const word = kind === IDENTIFIER ? cursor.span(at) : { start: offset, end: offset };
  const before = kind === IDENTIFIER ? at - 1 : at;
  if (isMemberAccess(cursor, before)) return { kind: "member", word };
  const isDefine = within === "define";
  const inFunction = isDefine || within.inFunction;
  const openings = openingsBetween(
    cursor,
    isDefine ? 1 : 0,
    before,
    (i) => !inFunction && isFreshDeclaration(text, cursor, i),
  );
  return {
    kind: "code",
    word,
    prefix: text.slice(word.start, offset),
    before: before < 0 ? "" : cursor.text(before),
    inBody: isDefine || (inFunction && isBrace(cursor, openings[0])),
    isCalled: /^\s*\(/.test(text.slice(word.end, word.end + 20)),
    startsLine: /(?:^|[\n\r])[ \t]*$/.test(text.slice(Math.max(0, word.start - 200), word.start)),
    openings,
    cursor,
  };
}

/** The last token that starts before `offset`, or -1. */
function lastStartingBefore(cursor: Cursor, offset: number): number {
  let low = -1;
  let high = cursor.count;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if (cursor.start(middle) < offset) low = middle;
    else high = middle;
  }
  return low;
}

function isInLiteral(text: string, { start, end }: Span, offset: number): boolean {
  return offset < end || end - start < 2 || text[end - 1] !== text[start];
}

/** The call between whose parentheses the place is, and which of its arguments it is in. */
export function callAround({
  openings,
  cursor,
}: CodePlace): { readonly name: string; readonly argument: number } | undefined {
  const opening = openings.at(-1);
  if (opening === undefined || !cursor.is(opening.token, "(")) return undefined;
  const name = cursor.text(opening.token - 1);
  return /^[A-Za-z_]\w*$/.test(name) ? { name, argument: opening.commas } : undefined;
}

function isMemberAccess(cursor: Cursor, i: number): boolean {
  if (cursor.is(i, ".")) return true;
  return cursor.is(i, ">") && cursor.is(i - 1, "-") && cursor.end(i - 1) === cursor.start(i);
}

function isBrace(cursor: Cursor, opening: Opening | undefined): boolean {
  return opening !== undefined && cursor.is(opening.token, "{");
}

/** Words that begin a declaration when they stand in the first column, whatever was left open before. */
const DECLARATION = new Set(["SEC", "struct", "static", "typedef", "extern", "char", "const"]);

function openingsBetween(
  cursor: Cursor,
  from: number,
  to: number,
  isFresh: (i: number) => boolean,
): readonly Opening[] {
  let open: Opening[] = [];
  for (let i = from; i <= to; i++) {
    const c = cursor.kind(i) === IDENTIFIER ? "" : cursor.text(i);
    if (c === "" && open.length > 0 && isFresh(i)) open = [];
    else if (c === "(" || c === "[" || c === "{") open.push({ token: i, commas: 0 });
    else if (c === ")" || c === "]") open = withoutLast(cursor, open, c === ")" ? "(" : "[");
    else if (c === "}") open = open.slice(0, Math.max(0, lastBrace(cursor, open)));
    else if (c === ";" && !isForHead(cursor, open.at(-1))) open = open.slice(0, lastBrace(cursor, open) + 1);
    else if (c === ",") open = open.map((one, n) => (n === open.length - 1 ? { ...one, commas: one.commas + 1 } : one));
  }
  return open;
}

function withoutLast(cursor: Cursor, open: Opening[], bracket: string): Opening[] {
  const last = open.at(-1);
  return last !== undefined && cursor.is(last.token, bracket) ? open.slice(0, -1) : open;
}

function lastBrace(cursor: Cursor, open: readonly Opening[]): number {
  return open.findLastIndex(({ token }) => cursor.is(token, "{"));
}

function isForHead(cursor: Cursor, opening: Opening | undefined): boolean {
  return opening !== undefined && cursor.is(opening.token, "(") && cursor.text(opening.token - 1) === "for";
}

function isFreshDeclaration(text: string, cursor: Cursor, i: number): boolean {
  return startsColumn(text, cursor, i) && DECLARATION.has(cursor.text(i));
}

function startsColumn(text: string, cursor: Cursor, i: number): boolean {
  return /[\n\r]/.test(text[cursor.start(i) - 1] ?? "\n");
}

function stringPlace(text: string, cursor: Cursor, at: number, offset: number): StringPlace | undefined {
  const { start, end } = cursor.insideQuotes(at);
  const closed = end < cursor.end(at);
  if (offset < start) return undefined;
  const content = { start, end: closed ? end : endOfUnclosed(text, offset) };
  if (isSectionMacro(cursor, at)) return { kind: "section", content, closed, holder: holderOf(text, cursor, at - 2) };
  if (cursor.is(at - 1, "=") && isLicence(cursor, at - 1))
    return { kind: "licence", content, closed, holder: "characters" };
  return undefined;
}

/** Without its quote a string runs to the end of the line, where other code may stand. */
function endOfUnclosed(text: string, offset: number): number {
  return offset + (/^[\w./+:?*]*/.exec(text.slice(offset, offset + 200))?.[0].length ?? 0);
}

function isSectionMacro(cursor: Cursor, at: number): boolean {
  const name = cursor.text(at - 2);
  return cursor.is(at - 1, "(") && (SECTION_MACROS.has(name) || name === "section" || name === "__section__");
}

/** What a `SEC` stands behind: `} counts`, `char LICENSE[]`, or nothing, before a function. */
function holderOf(text: string, cursor: Cursor, sec: number): Holder {
  const before = sec - 1;
  // In the first column a declaration begins, whatever half-typed line stands above.
  if (startsColumn(text, cursor, sec)) return "function";
  if (cursor.is(before, "]")) return declares(cursor, before, "char") ? "characters" : "variable";
  if (cursor.kind(before) !== IDENTIFIER || /^(?:static|extern|__hidden|__weak)$/.test(cursor.text(before)))
    return "function";
  return cursor.is(before - 1, "}") ? "map" : "variable";
}

function declares(cursor: Cursor, last: number, word: string): boolean {
  for (let i = last; i >= 0 && !isBoundary(cursor, i); i--) if (cursor.text(i) === word) return true;
  return false;
}

function isLicence(cursor: Cursor, equals: number): boolean {
  for (let i = equals - 1; i >= 0 && !isBoundary(cursor, i); i--)
    if (cursor.text(i) === '"license"' && cursor.is(i - 1, "(")) return true;
  return false;
}

function isBoundary(cursor: Cursor, i: number): boolean {
  return cursor.is(i, ";") || cursor.is(i, "}") || cursor.is(i, "{");
}
