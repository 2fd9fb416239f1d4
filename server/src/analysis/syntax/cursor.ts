/** Reading tokens by index: what stands there, and where its bracket closes. */

import type { Span } from "../text.ts";
import { PUNCTUATION, type Tokens } from "./tokens.ts";

export interface Cursor {
  readonly count: number;
  /** 0 past the end, so that looking ahead needs no check. */
  kind(i: number): number;
  start(i: number): number;
  end(i: number): number;
  span(i: number): Span;
  spanOf(first: number, last: number): Span;
  text(i: number): string;
  /** Whether token `i` is this one character of punctuation. */
  is(i: number, character: string): boolean;
  sameLine(a: number, b: number): boolean;
  /** The content of a string token without its quotes; the closing one may be missing. */
  insideQuotes(i: number): Span;
  /**
   * The token that closes the bracket at `open`. Where it is missing, the last token before the text must have gone
   * wrong: a `;` or an unmatched bracket, so that a half-typed call never swallows its neighbours.
   */
  closing(open: number): number;
  /** The commas directly between `open` and `close`, nested brackets passed over. */
  commas(open: number, close: number): readonly number[];
}

export function cursorOf(source: string, tokens: Tokens): Cursor {
  const { kinds, starts, ends, count } = tokens;
  const start = (i: number): number => starts[i] ?? source.length;
  const end = (i: number): number => (i < 0 ? 0 : (ends[i] ?? source.length));
  const code = (i: number): number => (kinds[i] === PUNCTUATION ? source.charCodeAt(start(i)) : 0);

  let partners: Int32Array | undefined;
  const closing = (open: number): number => {
    partners ??= matchBrackets(count, code, (i) => source.startsWith("for", start(i)) && end(i) - start(i) === 3);
    return partners[open] ?? open;
  };

  const commas = (open: number, close: number): readonly number[] => {
    const found: number[] = [];
    let depth = 0;
    for (let i = open; i < close; i++) {
      const c = code(i);
      if (c === OPEN_PAREN || c === OPEN_BRACKET || c === OPEN_BRACE) depth++;
      else if (c === CLOSE_PAREN || c === CLOSE_BRACKET || c === CLOSE_BRACE) depth--;
      else if (c === COMMA && depth === 1) found.push(i);
    }
    return found;
  };

  return {
    count,
    kind: (i) => kinds[i] ?? 0,
    start,
    end,
    span: (i) => ({ start: start(i), end: end(i) }),
    spanOf: (first, last) => ({ start: start(first), end: end(last) }),
    text: (i) => source.slice(start(i), end(i)),
    is: (i, character) => code(i) === character.charCodeAt(0),
    sameLine: (a, b) => !/[\r\n]/.test(source.slice(end(a), start(b))),
    insideQuotes: (i) => {
      const closed = end(i) - start(i) > 1 && source[end(i) - 1] === '"';
      return { start: start(i) + 1, end: end(i) - (closed ? 1 : 0) };
    },
    closing,
    commas,
  };
}

/** For each opening bracket the token that closes it, in one pass so that `a(a(a(…` stays cheap. */
function matchBrackets(count: number, code: (i: number) => number, isFor: (i: number) => boolean): Int32Array {
  const partners = new Int32Array(count);
  const open: number[] = [];
  const giveUp = (until: (c: number) => boolean, at: number): void => {
    for (let top = open.at(-1); top !== undefined && !until(code(top)); top = open.at(-1)) {
      partners[top] = Math.max(top, at - 1);
      open.pop();
    }
  };
  for (let i = 0; i < count; i++) {
    const c = code(i);
    if (c === 0) continue;
    if (c === OPEN_PAREN || c === OPEN_BRACKET || c === OPEN_BRACE) {
      open.push(i);
    } else if (c === CLOSE_BRACE) {
      giveUp((o) => o === OPEN_BRACE, i);
      partners[open.pop() ?? i] = i;
    } else if (c === CLOSE_PAREN || c === CLOSE_BRACKET) {
      const wanted = c === CLOSE_PAREN ? OPEN_PAREN : OPEN_BRACKET;
      const top = open.at(-1);
      if (top !== undefined && code(top) === wanted) partners[open.pop() ?? i] = i;
    } else if (c === SEMICOLON) {
      const top = open.at(-1);
      if (top !== undefined && !isFor(top - 1)) giveUp((o) => o === OPEN_BRACE, i);
    }
  }
  giveUp(() => false, count);
  return partners;
}

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const COMMA = 44;
const SEMICOLON = 59;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
