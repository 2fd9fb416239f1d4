/** Reading tokens by index: what stands there, and where its bracket closes. */

import { rememberedOf } from "../remember.ts";
import type { Span } from "../text.ts";
import { IDENTIFIER, PUNCTUATION, type Tokens } from "./tokens.ts";

/** Those of a stretch that no token, comment or line of the preprocessor reaches into from outside. */
export function tokensWithin(source: string, tokens: Tokens, span: Span): Tokens {
  const { kinds, starts, ends, directives, comments } = tokens;
  const all = new Cursor(source, tokens);
  const first = all.firstFrom(span.start);
  const end = all.firstFrom(span.end);
  const isWithin = (one: Span): boolean => one.start >= span.start && one.end <= span.end;
  return {
    count: end - first,
    kinds: kinds.subarray(first, end),
    starts: starts.subarray(first, end),
    ends: ends.subarray(first, end),
    directives: directives.filter(isWithin),
    comments: comments.filter(isWithin),
  };
}

/** Every name of a text with the tokens at which it stands; worked out once for those who look at one text. */
export const placesByName = rememberedOf((cursor: Cursor): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, number[]>();
  for (let i = 0; i < cursor.count; i++) {
    if (cursor.kind(i) !== IDENTIFIER) continue;
    const name = cursor.text(i);
    const places = found.get(name);
    if (places === undefined) found.set(name, [i]);
    else places.push(i);
  }
  return found;
});

/** A class, for one shape of object whatever text it reads: closures made anew for each text are slow to warm up. */
export class Cursor {
  readonly count: number;
  private readonly source: string;
  private readonly kinds: Uint8Array;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private brackets: Brackets | undefined;

  constructor(source: string, { count, kinds, starts, ends }: Tokens) {
    this.source = source;
    this.count = count;
    this.kinds = kinds;
    this.starts = starts;
    this.ends = ends;
  }

  /** 0 past the end, so that looking ahead needs no check. */
  kind(i: number): number {
    return this.kinds[i] ?? 0;
  }

  start(i: number): number {
    return this.starts[i] ?? this.source.length;
  }

  end(i: number): number {
    return i < 0 ? 0 : (this.ends[i] ?? this.source.length);
  }

  span(i: number): Span {
    return { start: this.start(i), end: this.end(i) };
  }

  spanOf(first: number, last: number): Span {
    return { start: this.start(first), end: this.end(last) };
  }

  /** The first token at or behind an offset. */
  firstFrom(offset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.start(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  text(i: number): string {
    return this.source.slice(this.start(i), this.end(i));
  }

  /** The text from one token to another, both with it. */
  textOf(first: number, last: number): string {
    return this.source.slice(this.start(first), this.end(last));
  }

  /** The character of a token of punctuation, as a code; 0 for every other token. */
  code(i: number): number {
    return this.kinds[i] === PUNCTUATION ? this.source.charCodeAt(this.starts[i] ?? 0) : 0;
  }

  /** Whether token `i` is this one character of punctuation. */
  is(i: number, character: string): boolean {
    return this.code(i) === character.charCodeAt(0);
  }

  /** Whether it is the first of its line, with no blank before it. */
  startsLine(i: number): boolean {
    const before = this.source.charCodeAt(this.start(i) - 1);
    return Number.isNaN(before) || before === LINE_FEED || before === CARRIAGE_RETURN;
  }

  sameLine(a: number, b: number): boolean {
    return !/[\r\n]/.test(this.source.slice(this.end(a), this.start(b)));
  }

  /** The content of a string token without its quotes; the closing one may be missing. */
  insideQuotes(i: number): Span {
    const closed = this.end(i) - this.start(i) > 1 && this.source[this.end(i) - 1] === '"';
    return { start: this.start(i) + 1, end: this.end(i) - (closed ? 1 : 0) };
  }

  /**
   * The token that closes the bracket at `open`. Where it is missing, the last token before the text must have gone
   * wrong: a `;` or an unmatched bracket, so that a half-typed call never swallows its neighbours.
   */
  closing(open: number): number {
    this.brackets ??= matchBrackets(this);
    return this.brackets.partners[open] ?? open;
  }

  isClosed(open: number): boolean {
    this.brackets ??= matchBrackets(this);
    return this.brackets.closed[open] === 1;
  }

  /** Whether every bracket has its partner. */
  get isWhole(): boolean {
    this.brackets ??= matchBrackets(this);
    return this.brackets.isWhole;
  }

  /**
   * Takes the pairs of brackets over from the text before, in which other tokens stood from `first` on: `count` of them
   * where now `now` are. False where the brackets of these are not in pairs among themselves.
   */
  takeBrackets(before: Cursor, first: number, count: number, now: number): boolean {
    if (!before.isWhole || before.brackets === undefined) return false;
    const brackets = newBrackets(this.count);
    const { partners, closed } = before.brackets;
    brackets.partners.set(partners.subarray(0, first));
    brackets.closed.set(closed.subarray(0, first));
    matchWithin(this, first, first + now, brackets);
    const by = now - count;
    for (let i = first + count; i < partners.length; i++) {
      if (closed[i] !== 1) continue;
      brackets.partners[i + by] = (partners[i] ?? 0) + by;
      brackets.closed[i + by] = 1;
    }
    this.brackets = brackets;
    return brackets.isWhole;
  }

  /** The same tokens, at other places. */
  takeAllBrackets(before: Cursor): void {
    this.brackets = before.brackets;
  }

  /** The commas directly between `open` and `close`, nested brackets passed over. */
  commas(open: number, close: number): readonly number[] {
    const found: number[] = [];
    let depth = 0;
    for (let i = open; i < close; i++) {
      const c = this.code(i);
      if (c === OPEN_PAREN || c === OPEN_BRACKET || c === OPEN_BRACE) {
        // What is whole is passed over in one step, or calls within calls would be read again and again.
        const end = i > open && this.isClosed(i) ? this.closing(i) : i;
        if (end > i && end < close) i = end;
        else depth++;
      } else if (c === CLOSE_PAREN || c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
      else if (c === COMMA && depth === 1) found.push(i);
    }
    return found;
  }
}

interface Brackets {
  readonly partners: Int32Array;
  readonly closed: Uint8Array;
  isWhole: boolean;
}

function newBrackets(count: number): Brackets {
  return { partners: new Int32Array(count), closed: new Uint8Array(count), isWhole: true };
}

function matchBrackets(cursor: Cursor): Brackets {
  const brackets = newBrackets(cursor.count);
  matchWithin(cursor, 0, cursor.count, brackets);
  return brackets;
}

/** For each opening bracket the token that closes it, in one pass so that `a(a(a(…` stays cheap. */
function matchWithin(cursor: Cursor, first: number, end: number, brackets: Brackets): void {
  const { partners, closed } = brackets;
  const open: number[] = [];
  const close = (at: number): void => {
    const top = open.pop();
    if (top === undefined) {
      brackets.isWhole = false;
      return;
    }
    partners[top] = at;
    closed[top] = 1;
  };
  const giveUp = (at: number, untilBrace: boolean): void => {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (untilBrace && cursor.code(top) === OPEN_BRACE) return;
      partners[top] = Math.max(top, at - 1);
      brackets.isWhole = false;
      open.pop();
    }
  };
  for (let i = first; i < end; i++) {
    const c = cursor.code(i);
    if (c === 0) continue;
    if (c === OPEN_PAREN || c === OPEN_BRACKET || c === OPEN_BRACE) {
      open.push(i);
    } else if (c === CLOSE_BRACE) {
      giveUp(i, true);
      close(i);
    } else if (c === CLOSE_PAREN || c === CLOSE_BRACKET) {
      const top = open.at(-1);
      if (top !== undefined && cursor.code(top) === (c === CLOSE_PAREN ? OPEN_PAREN : OPEN_BRACKET)) close(i);
      else brackets.isWhole = false;
    } else if (c === SEMICOLON) {
      const top = open.at(-1);
      // A macro may take a statement, `REPEAT(f(x);)`.
      const isArgument = cursor.code(i + 1) === CLOSE_PAREN;
      if (top !== undefined && !isArgument && cursor.text(top - 1) !== "for") giveUp(i, true);
    }
  }
  giveUp(end, false);
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const SEMICOLON = 59;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
