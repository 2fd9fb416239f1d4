/** Which call a place in the text is an argument of, however much of that call has been typed. */

import type { Snapshot } from "../../analysis/snapshot.ts";
import { activeTokens, type Known } from "../../analysis/syntax/conditionals.ts";
import { Cursor } from "../../analysis/syntax/cursor.ts";
import { PROGRAM_MACRO, STATEMENT_WORDS, TYPE_WORDS, UNDERSCORE_TYPE } from "../../analysis/syntax/dialect-words.ts";
import { CHARACTER, IDENTIFIER, NUMBER, STRING, type Tokens, tokenize } from "../../analysis/syntax/tokens.ts";
import type { Position, Span } from "../../analysis/text.ts";
import { regionAt } from "../complete/region.ts";

export interface EnclosingCall {
  readonly name: string;
  readonly nameSpan: Span;
  /** How many commas stand before the place, those of nested calls and brackets left out. */
  readonly argument: number;
}

export function enclosingCall(file: Snapshot, position: Position): EnclosingCall | undefined {
  const offset = file.lines.offsetAt(position);
  const tokens = codeAt(file, regionAt(file, position), offset);
  return tokens && outwards(new Cursor(file.text, tokens), lastBefore(tokens, offset));
}

/** The tokens of the code around a place; undefined in comments, strings and most preprocessor lines. */
function codeAt(file: Snapshot, span: Span, offset: number): Tokens | undefined {
  const { text, model } = file;
  const all = model.code.tokensIn(span);
  if (all.comments.some((comment) => isInComment(text, comment, offset))) return undefined;
  const directive = all.directives.find((line) => line.start < offset && offset <= line.end);
  if (directive !== undefined && directive.name !== "define") return undefined;
  const tokens =
    directive === undefined ? read(file, all, offset) : macroBody(text, directive.bodyStart, directive.end);
  return isInLiteral(text, tokens, offset) ? undefined : tokens;
}

/** Arguments in branches that exclude each other do not add up; where one of them is being written all are read. */
function read({ text, model }: Snapshot, all: Tokens, offset: number): Tokens {
  if (!all.directives.some(({ name }) => name.startsWith("if"))) return all;
  // What is typed in code that is left out is helped with as well.
  const known: Known = (name) => (model.redefines(name) ? {} : undefined);
  const { tokens, isAlternative } = activeTokens(text, all, known);
  if (isAlternative({ start: offset, end: offset })) return all;
  const isRead = (_: number, i: number): boolean =>
    !isAlternative({ start: tokens.starts[i] ?? 0, end: tokens.ends[i] ?? 0 });
  const [kinds, starts, ends] = [tokens.kinds.filter(isRead), tokens.starts.filter(isRead), tokens.ends.filter(isRead)];
  return { ...tokens, count: starts.length, kinds, starts, ends };
}

/** What a `#define` stands for: its own name and parameters are no call. */
function macroBody(text: string, start: number, end: number): Tokens {
  const name = /^\s*[A-Za-z_]\w*(?:\([^()]*\)?)?/.exec(text.slice(start, end))?.[0].length ?? 0;
  return tokenize(text, start + name, end);
}

/** At its very end a comment goes on when it is one of a line, or one that nothing ends. */
function isInComment(text: string, { start, end }: Span, offset: number): boolean {
  if (offset <= start || offset > end) return false;
  return offset < end || text[start + 1] === "/" || !text.slice(start + 2, end).endsWith("*/");
}

function isInLiteral(text: string, tokens: Tokens, offset: number): boolean {
  const i = lastBefore(tokens, offset);
  const kind = tokens.kinds[i];
  if (kind !== STRING && kind !== CHARACTER) return false;
  const [start = 0, end = 0] = [tokens.starts[i], tokens.ends[i]];
  return offset < end || (offset === end && !/^(["'])(?:[^\\]|\\[\s\S])*\1$/.test(text.slice(start, end)));
}

/** The last token that starts before a place, or -1. */
function lastBefore({ starts, count }: Tokens, offset: number): number {
  let low = -1;
  let high = count;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) < offset) low = middle;
    else high = middle;
  }
  return low;
}

/** Walks back from a token to the parenthesis it stands in, and out of those that are no calls. */
function outwards(cursor: Cursor, from: number): EnclosingCall | undefined {
  let argument = 0;
  let isAssigned = false;
  for (let i = from; i >= 0; i--) {
    const open = openerOf(cursor, i);
    if (open !== i) {
      if (open === undefined || isBlock(cursor, open)) return undefined;
      i = open;
    } else if (endsSearch(cursor, i)) {
      return undefined;
    } else if (cursor.is(i, ",")) {
      argument++;
    } else if (isAssignment(cursor, i)) {
      isAssigned = true;
    } else if (cursor.is(i, "(") && !isGrouping(cursor, i)) {
      return isAssigned ? undefined : callAt(cursor, i - 1, argument);
    } else if (cursor.is(i, "(") || cursor.is(i, "[") || cursor.is(i, "{")) {
      argument = 0;
      isAssigned = false;
    }
  }
  return undefined;
}

/** For a closing bracket the one that opens it, undefined where that is missing; any other token itself. */
function openerOf(cursor: Cursor, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i >= 0; i--) {
    const c = cursor.code(i);
    if (c === CLOSE_PAREN || c === CLOSE_BRACKET || c === CLOSE_BRACE) depth++;
    else if (depth === 0) return i;
    else if (c === OPEN_PAREN || c === OPEN_BRACKET || c === OPEN_BRACE) depth--;
    if (depth === 0) return i;
  }
  return undefined;
}

/** Where a statement or a block begins or ends no call goes on: what stands before it is half typed. */
function endsSearch(cursor: Cursor, i: number): boolean {
  if (cursor.is(i, ";")) return true;
  if (cursor.is(i, "{")) return isBlock(cursor, i);
  if (cursor.kind(i) !== IDENTIFIER) return false;
  const word = cursor.text(i);
  if (STATEMENT_WORDS.has(word) || word === "else") return true;
  return !cursor.sameLine(i - 1, i) && endsExpression(cursor, i - 1);
}

/** No expression goes on with a name on the next line. */
function endsExpression(cursor: Cursor, i: number): boolean {
  const kind = cursor.kind(i);
  if (kind === IDENTIFIER) return !TYPE_WORDS.has(cursor.text(i));
  if (kind === NUMBER || kind === CHARACTER || cursor.is(i, "]")) return true;
  const open = cursor.is(i, ")") ? openerOf(cursor, i) : undefined;
  return open !== undefined && cursor.kind(open - 1) === IDENTIFIER;
}

/** A block of statements rather than a value such as `(struct key){ … }`. */
function isBlock(cursor: Cursor, open: number): boolean {
  if (!cursor.is(open, "{")) return false;
  if (cursor.is(open - 1, ")")) {
    const parenthesis = openerOf(cursor, open - 1);
    return parenthesis === undefined || cursor.kind(parenthesis - 1) === IDENTIFIER;
  }
  return !["=", ",", "[", "]", "{"].includes(cursor.text(open - 1));
}

/** `=` and `+=`, but none of `==`, `<=`, `!=`. */
function isAssignment(cursor: Cursor, i: number): boolean {
  if (!cursor.is(i, "=") || cursor.is(i + 1, "=")) return false;
  return !["=", "<", ">", "!"].includes(cursor.text(i - 1)) || cursor.end(i - 1) !== cursor.start(i);
}

const TAKES_TYPE = /^(?:sizeof|(?:__)?typeof(?:__)?|_Alignof|(?:__)?alignof(?:__)?)$/;

/** `(a + b)`, `(u32)(a)` and `sizeof(a)`: parentheses that call nothing. */
function isGrouping(cursor: Cursor, open: number): boolean {
  const before = open - 1;
  if (cursor.kind(before) === IDENTIFIER) return TAKES_TYPE.test(cursor.text(before));
  return cursor.is(before, ")") ? isCast(cursor, before) : !cursor.is(before, "]");
}

function isCast(cursor: Cursor, close: number): boolean {
  const open = openerOf(cursor, close);
  if (open === undefined || cursor.kind(open - 1) === IDENTIFIER) return false;
  const words: string[] = [];
  for (let i = open + 1; i < close; i++) words.push(cursor.text(i));
  return words.every((word) => /^(?:\w+|\*)$/.test(word)) && words.some(isTypeWord);
}

function isTypeWord(word: string, i: number): boolean {
  const isName = TYPE_WORDS.has(word) || UNDERSCORE_TYPE.test(word) || /^[us](?:8|16|32|64)$|_t$/.test(word);
  return isName || (word === "*" && i > 0);
}

function callAt(cursor: Cursor, name: number, argument: number): EnclosingCall | undefined {
  if (cursor.kind(name) !== IDENTIFIER) return undefined;
  const word = cursor.text(name);
  if (STATEMENT_WORDS.has(word) || PROGRAM_MACRO.test(word)) return undefined;
  // What a field holds, or a method of bcc's: who knows what that is.
  if (cursor.is(name - 1, ".") || (cursor.is(name - 1, ">") && cursor.is(name - 2, "-"))) return undefined;
  return isDeclared(cursor, name) ? undefined : { name: word, nameSpan: cursor.span(name), argument };
}

/** `int f(` and `struct x *f(` declare it. */
function isDeclared(cursor: Cursor, name: number): boolean {
  let i = name - 1;
  while (cursor.is(i, "*")) i--;
  if (cursor.kind(i) !== IDENTIFIER || STATEMENT_WORDS.has(cursor.text(i)) || cursor.text(i) === "else") return false;
  if (i === name - 1) return cursor.sameLine(i, name);
  while (cursor.kind(i) === IDENTIFIER) {
    if (STATEMENT_WORDS.has(cursor.text(i))) return false;
    i--;
  }
  return i < 0 || [";", "{", "}", ")"].includes(cursor.text(i));
}

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
