/** The tokenizer: C split into words, exact about comments, strings, line continuations and preprocessor lines. */

import type { Span } from "../text.ts";

export const IDENTIFIER = 1;
export const NUMBER = 2;
export const STRING = 3;
export const CHARACTER = 4;
/** One character a token: nothing here needs `->` or `<<=` as a whole. */
export const PUNCTUATION = 5;

/** Tokens as parallel arrays: a 50 KB file has 15,000 of them and is read again on every key. */
export interface Tokens {
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly directives: readonly Directive[];
  readonly comments: readonly Span[];
}

/** A preprocessor line with its continuations. Its words are not among the tokens. */
export interface Directive extends Span {
  /** `include`, `define`, `if` …; empty for a lone `#`. */
  readonly name: string;
  /** Where the text after the name begins. */
  readonly bodyStart: number;
}

export function tokenize(text: string, from = 0, to = text.length): Tokens {
  const scan = new Scanner(text, from, to);
  scan.run();
  return scan.finish();
}

/** Those of whole lines, of which the first begins afresh; undefined when what is on them goes on behind the last. */
export function tokenizeLines(text: string, from: number, end: number): Tokens | undefined {
  const scan = new Scanner(text, from, text.length, end - from);
  return scan.run(end) ? scan.finish() : undefined;
}

/** State of one scan. A class because every step writes to the same six buffers. */
class Scanner {
  private readonly text: string;
  private readonly to: number;
  private at: number;
  private count = 0;
  private kinds: Uint8Array;
  private starts: Int32Array;
  private ends: Int32Array;
  private readonly directives: Directive[] = [];
  private readonly comments: Span[] = [];
  private lineIsBlank = true;
  /** Where the next end of a comment stands; -1 when there is none, 0 while nobody has looked. */
  private nextClose = 0;

  constructor(text: string, from: number, to: number, length = to - from) {
    this.text = text;
    this.at = from;
    this.to = to;
    // C has a token for every three to five characters; what is too small grows.
    const size = Math.max(16, length >> 2);
    this.kinds = new Uint8Array(size);
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
  }

  /** @returns whether nothing reaches beyond */
  run(end = this.to): boolean {
    while (this.at < end) this.step();
    return this.at === end;
  }

  finish(): Tokens {
    return {
      count: this.count,
      kinds: this.kinds.subarray(0, this.count),
      starts: this.starts.subarray(0, this.count),
      ends: this.ends.subarray(0, this.count),
      directives: this.directives,
      comments: this.comments,
    };
  }

  private step(): void {
    const code = this.text.charCodeAt(this.at);
    if (code === NEWLINE || code === RETURN) {
      this.at++;
      this.lineIsBlank = true;
    } else if (code <= SPACE) {
      this.at++;
    } else if (code === SLASH && this.skipComment()) {
      // A comment leaves the line as blank as it was: `/* x */ #include` is still a directive.
    } else if (code === BACKSLASH && this.skipContinuation()) {
      // The next line goes on with this one.
    } else if (code === HASH && this.lineIsBlank) {
      this.readDirective();
    } else {
      this.lineIsBlank = false;
      this.readToken(code);
    }
  }

  private readToken(code: number): void {
    const start = this.at;
    if (isWordStart(code)) {
      this.at = this.wordEnd(start);
      this.push(IDENTIFIER, start);
    } else if (isDigit(code) || (code === DOT && isDigit(this.text.charCodeAt(start + 1)))) {
      this.at = this.numberEnd(start);
      this.push(NUMBER, start);
    } else if (code === QUOTE || code === APOSTROPHE) {
      this.at = this.quotedEnd(start, code);
      this.push(code === QUOTE ? STRING : CHARACTER, start);
    } else {
      this.at++;
      this.push(PUNCTUATION, start);
    }
  }

  private push(kind: number, start: number): void {
    if (this.count === this.kinds.length) this.grow();
    this.kinds[this.count] = kind;
    this.starts[this.count] = start;
    this.ends[this.count] = this.at;
    this.count++;
  }

  private grow(): void {
    const size = this.kinds.length * 2;
    const kinds = new Uint8Array(size);
    kinds.set(this.kinds);
    this.kinds = kinds;
    const starts = new Int32Array(size);
    starts.set(this.starts);
    this.starts = starts;
    const ends = new Int32Array(size);
    ends.set(this.ends);
    this.ends = ends;
  }

  private skipComment(): boolean {
    const end = this.commentEnd(this.at);
    if (end === undefined) return false;
    this.comments.push({ start: this.at, end });
    this.at = end;
    return true;
  }

  /** Many comments that are not ended look for the same end: it is looked for once. */
  private commentEnd(at: number): number | undefined {
    const { text, to } = this;
    if (text.charCodeAt(at + 1) === 42 && this.nextClose !== -1 && this.nextClose < at + 2) {
      this.nextClose = text.indexOf("*/", at + 2);
    }
    return commentEnd(text, at, to, this.nextClose);
  }

  private skipContinuation(): boolean {
    const end = continuationEnd(this.text, this.at);
    if (end === undefined) return false;
    this.at = end;
    return true;
  }

  private wordEnd(start: number): number {
    return Math.min(passed(WORD, this.text, start), this.to);
  }

  private numberEnd(start: number): number {
    let at = start + 1;
    while (at < this.to) {
      const code = this.text.charCodeAt(at);
      const signed = (code === 43 || code === 45) && /[eEpP]/.test(this.text.charAt(at - 1)) && !this.isHex(start);
      if (!isWordPart(code) && code !== DOT && code !== APOSTROPHE && !signed) break;
      at++;
    }
    return at;
  }

  private isHex(start: number): boolean {
    return this.text.charCodeAt(start) === 48 && (this.text.charCodeAt(start + 1) | 32) === 120;
  }

  /** A literal ends at its quote, or, when half typed, at the end of its line. */
  private quotedEnd(start: number, quote: number): number {
    let at = start + 1;
    while (at < this.to) {
      const code = this.text.charCodeAt(at);
      if (code === quote) return at + 1;
      if (code === NEWLINE || code === RETURN) return at;
      at = code === BACKSLASH ? (continuationEnd(this.text, at) ?? Math.min(at + 2, this.to)) : at + 1;
    }
    return this.to;
  }

  private readDirective(): void {
    const start = this.at;
    const end = this.directiveEnd(start);
    const match = DIRECTIVE_NAME.exec(this.text.slice(start, Math.min(end, start + 64)));
    this.directives.push({ start, end, name: match?.[1] ?? "", bodyStart: start + (match?.[0].length ?? 1) });
    this.at = end;
  }

  /** The end of the logical line: continuations and comments that span lines belong to it. */
  private directiveEnd(start: number): number {
    let at = start;
    while (at < this.to) {
      const code = this.text.charCodeAt(at);
      if (code === NEWLINE || code === RETURN) return at;
      if (code === SLASH) {
        const end = this.commentEnd(at);
        if (end !== undefined) this.comments.push({ start: at, end });
        at = end ?? at + 1;
      } else if (code === BACKSLASH) {
        at = continuationEnd(this.text, at) ?? at + 1;
      } else if (code === QUOTE || (code === APOSTROPHE && CHARACTER_LITERAL.test(this.text.slice(at, at + 4)))) {
        at = this.quotedEnd(at, code);
      } else {
        at = Math.max(at + 1, passed(PLAIN_DIRECTIVE, this.text, at));
      }
    }
    return this.to;
  }
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const APOSTROPHE = 39;
const DOT = 46;
const SLASH = 47;
const BACKSLASH = 92;
/** On a preprocessor line an apostrophe may also be one of `#error don't`. */
const CHARACTER_LITERAL = /^'(?:[^'\\\r\n]|\\.)'/;
const DIRECTIVE_NAME = /^#[ \t]*([A-Za-z_]*)/;

/** Where the comment that begins at `at` ends, or undefined when none begins there. */
function commentEnd(text: string, at: number, to: number, close: number): number | undefined {
  const next = text.charCodeAt(at + 1);
  if (next === 42) {
    const end = close === -1 || close + 2 > to ? to : close + 2;
    return isRunaway(text, at, end, close !== -1) ? lineEnd(text, at, to) : end;
  }
  if (next !== SLASH) return undefined;
  let end = passed(PLAIN_COMMENT, text, at + 2);
  while (end < to && text.charCodeAt(end) === BACKSLASH)
    end = passed(PLAIN_COMMENT, text, continuationEnd(text, end) ?? end + 1);
  return Math.min(end, to);
}

/**
 * A comment that somebody has begun and not ended swallows the code up to the end of the next one. It gives itself away:
 * nothing ends it, or another comment begins inside it and its lines do not begin with a star, as those of real ones do.
 */
function isRunaway(text: string, at: number, end: number, closed: boolean): boolean {
  if (!closed) return true;
  const inner = text.indexOf("/*", at + 2);
  if (inner === -1 || inner >= end || text.charCodeAt(inner - 1) > SPACE) return false;
  const nextLine = text.indexOf("\n", at) + 1;
  return nextLine > 0 && nextLine <= inner && !/^[ \t]*(?:\*|\r?\n)/.test(text.slice(nextLine, nextLine + 80));
}

function lineEnd(text: string, at: number, to: number): number {
  let end = at;
  while (end < to && text.charCodeAt(end) !== NEWLINE && text.charCodeAt(end) !== RETURN) end++;
  return end;
}

/** Where text goes on after a backslash at the end of a line, or undefined when it is no continuation. */
function continuationEnd(text: string, at: number): number | undefined {
  const next = text.charCodeAt(at + 1);
  if (next === NEWLINE) return at + 2;
  if (next === RETURN) return text.charCodeAt(at + 2) === NEWLINE ? at + 3 : at + 2;
  return undefined;
}

/**
 * The end of what a sticky expression matches. Before a loop over characters has been compiled, which for a text as short as
 * most it never is, an expression is several times as fast.
 */
function passed(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  expression.test(text);
  return expression.lastIndex;
}

const WORD = /[\w$\u0080-\uffff]*/y;
/** Of a line comment, and of a preprocessor line, what means nothing in particular. */
const PLAIN_COMMENT = /[^\r\n\\]*/y;
const PLAIN_DIRECTIVE = /[^\r\n\\/"']*/y;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 36 || code > 127;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}
