/** The code of a file for those who look into function bodies: words, literals, loops, local variables, conditions. */

import {
  type Body,
  type BodyReading,
  endOfStatement,
  type Heads,
  headsIn,
  type LocalTokens,
  overBracket,
  readBody,
} from "./code-body.ts";
import type { BpfFunction } from "./model.ts";
import { remembered } from "./remember.ts";
import { sight } from "./sight.ts";
import { isIncludeGuard } from "./syntax/conditionals.ts";
import { Cursor, placesByName, tokensWithin } from "./syntax/cursor.ts";
import type { Lowered } from "./syntax/dialect.ts";
import type { FunctionOutline, Outline } from "./syntax/outline.ts";
import { IDENTIFIER, NUMBER, STRING, type Tokens, tokenize } from "./syntax/tokens.ts";
import type { Lines, Range, Span } from "./text.ts";

/** Everything is made when it is first asked for: most texts have nothing that a rule would look at. */
export interface Code {
  readonly lines: Lines;
  /** The file as written. */
  readonly text: string;
  textOf(range: Range): string;
  /** Whether the text as written has it, comments and all: a cheap question before a thorough one. */
  has(pattern: RegExp): boolean;
  /** Where a name stands in code: not in comments, strings, preprocessor lines or branches that are not compiled. */
  uses(name: string): readonly Place[];
  /** Whether it stands anywhere, preprocessor lines included. */
  mentions(name: string): boolean;
  /** Whether it stands somewhere in code with no parenthesis behind it, but for one place. */
  isNamedAlone(name: string, except?: Span): boolean;
  /** Every name in code, each once. */
  names(): Iterable<string>;
  /** Those in capitals. */
  capitals(): readonly string[];
  /** Numbers and strings as written, in the order of the text. */
  literals(): readonly Literal[];
  loops(): readonly Loop[];
  /** The tokens of a stretch that begins and ends with whole ones, compiled or not. */
  tokensIn(span: Span): Tokens;
  /** Preprocessor lines of branches that are compiled. */
  directives(): readonly DirectiveLine[];
  /** The variables that a function declares in its body, however deep. */
  locals(fn: BpfFunction): readonly Local[];
  /** Their names: to ask for one costs less than to look through them. */
  localNames(fn: BpfFunction): ReadonlySet<string>;
  /** The texts between the parentheses of every `if`, `while` and `for` and before every `?` around a place. */
  conditionsAround(range: Range): readonly string[];
  /**
   * The conditions of every `if` before a place in its function, whether it is within or behind it. The same list for all
   * places between two conditions.
   */
  conditionsBefore(range: Range): readonly string[];
  /** What every `#if` around a place asks, its `#elif`s and `#else` with it; an include guard asks nothing. */
  compiledWhen(range: Range): readonly string[];
  /** `p->x`, `s.x`, `a[i].x`: what is reached from a name. `chain` is the text behind it. */
  accesses(name: string): readonly Access[];
  /** What stands behind `return` in a function, each expression with its range; empty text for a bare `return;`. */
  returns(fn: BpfFunction): readonly Place[];
}

export interface Place {
  readonly text: string;
  readonly range: Range;
  /** The function in whose body it stands. */
  readonly in: BpfFunction | undefined;
}

export interface Literal extends Place {
  readonly kind: "number" | "string";
}

export interface Loop extends Place {
  /** `text` and `range` are those of the keyword. */
  readonly keyword: "for" | "while" | "do";
  /** What stands between the parentheses; that of `do` stands behind its body. */
  readonly head: string;
  readonly headRange: Range;
  readonly bodyRange: Range;
  /** `#pragma unroll` or its relatives directly before it, without a count or with one. */
  readonly unroll: { readonly range: Range; readonly text: string } | undefined;
  /** A macro, or a `_Pragma()`, stands directly before it, which may say the same. */
  readonly isBehindMacro: boolean;
}

export interface DirectiveLine {
  readonly name: string;
  readonly body: string;
  readonly range: Range;
}

export interface Local extends Place {
  /** The declared words and stars, `struct event *`; `text` and `range` are those of the name. */
  readonly type: string;
  /** What stands in each pair of brackets. */
  readonly dimensions: readonly string[];
  readonly initialiser: string | undefined;
  /** From the first word of the declaration to the end of this declarator. */
  readonly declaration: Range;
  /** The block it lives in, braces included. */
  readonly scope: Range;
}

export interface Access extends Place {
  readonly chain: string;
}

export interface CodeParts {
  readonly lowered: Lowered;
  readonly outline: Outline;
  readonly functions: readonly BpfFunction[];
  readonly lines: Lines;
}

/** A class, for one shape of object and fields that are filled when somebody asks. */
export class CodeView implements Code {
  private readonly linesOfFile: Lines;
  private readonly lowered: Lowered;
  private readonly outline: Outline;
  private readonly functions: readonly BpfFunction[];
  private byName: ReadonlyMap<string, readonly number[]> | undefined;
  private inDirectives: Set<string> | undefined;
  private places: Map<BpfFunction, number> | undefined;
  private foundLiterals: readonly Literal[] | undefined;
  private foundLoops: readonly Loop[] | undefined;
  private foundDirectives: readonly DirectiveLine[] | undefined;
  private foundConditions: readonly Conditions[] | undefined;
  private readonly localsOf = new Map<BpfFunction, readonly Local[]>();
  private readonly readings = new Map<FunctionOutline, BodyReading>();

  constructor({ lowered, outline, functions, lines }: CodeParts) {
    this.lowered = lowered;
    this.outline = outline;
    this.functions = functions;
    this.linesOfFile = lines;
  }

  get lines(): Lines {
    sight().bodies = true;
    return this.linesOfFile;
  }

  get text(): string {
    sight().bodies = true;
    return this.lowered.source;
  }

  textOf(range: Range): string {
    const start = this.linesOfFile.offsetAt(range.start);
    const end = this.linesOfFile.offsetAt(range.end);
    if (!this.isOutside(start, end)) sight().bodies = true;
    return this.lowered.source.slice(start, end);
  }

  has(pattern: RegExp): boolean {
    sight().bodies = true;
    return pattern.test(this.lowered.source);
  }

  uses(name: string): readonly Place[] {
    sight().name(name);
    const tokens = this.placesOf(name);
    if (tokens === undefined) return [];
    const { cursor, linesOfFile: lines } = this;
    const around = (offset: number): BpfFunction | undefined => this.functionAround(offset);
    return tokens.map((token) => new UseView(name, cursor.start(token), lines, around));
  }

  mentions(name: string): boolean {
    sight().name(name);
    if (!this.lowered.source.includes(name)) return false;
    if (this.index().has(name)) return true;
    if (this.inDirectives === undefined) {
      this.inDirectives = new Set();
      for (const { body } of this.directives()) for (const word of wordsOf(body)) this.inDirectives.add(word);
    }
    return this.inDirectives.has(name);
  }

  isNamedAlone(name: string, except?: Span): boolean {
    sight().name(name);
    const { cursor } = this;
    const tokens = this.placesOf(name);
    if (tokens === undefined) return false;
    return tokens.some((token) => !cursor.is(token + 1, "(") && cursor.start(token) !== except?.start);
  }

  names(): Iterable<string> {
    sight().bodies = true;
    return this.index().keys();
  }

  capitals(): readonly string[] {
    sight().capitals = true;
    return [...this.index().keys()].filter(isCapital);
  }

  tokensIn(span: Span): Tokens {
    sight().bodies = true;
    return tokensWithin(this.lowered.source, this.lowered.tokens, span);
  }

  literals(): readonly Literal[] {
    sight().bodies = true;
    this.foundLiterals ??= this.readLiterals();
    return this.foundLiterals;
  }

  loops(): readonly Loop[] {
    sight().bodies = true;
    this.foundLoops ??= this.readLoops();
    return this.foundLoops;
  }

  directives(): readonly DirectiveLine[] {
    this.foundDirectives ??= this.readDirectives();
    return this.foundDirectives;
  }

  locals(fn: BpfFunction): readonly Local[] {
    sight().bodies = true;
    const known = this.localsOf.get(fn);
    if (known !== undefined) return known;
    const outline = this.outlineOf(fn);
    const found: Local[] = [];
    if (outline !== undefined) {
      const { cursor, linesOfFile: lines } = this;
      const context = { cursor, lines, fn, first: cursor.firstFrom(outline.bodySpan.start) };
      for (const local of this.readingOf(outline).locals) found.push(new LocalView(local, context));
    }
    this.localsOf.set(fn, found);
    return found;
  }

  localNames(fn: BpfFunction): ReadonlySet<string> {
    sight().bodies = true;
    const outline = this.outlineOf(fn);
    return outline === undefined ? NO_NAMES : this.readingOf(outline).names;
  }

  conditionsAround({ start }: Range): readonly string[] {
    sight().bodies = true;
    const offset = this.linesOfFile.offsetAt(start);
    const fn = this.outline.functions[this.indexAround(offset)];
    return fn === undefined ? [] : this.headsOf(fn).around(offset - fn.bodySpan.start);
  }

  conditionsBefore({ start }: Range): readonly string[] {
    sight().bodies = true;
    const offset = this.linesOfFile.offsetAt(start);
    const fn = this.outline.functions[this.indexAround(offset)];
    return fn === undefined ? [] : this.headsOf(fn).before(offset - fn.bodySpan.start);
  }

  compiledWhen({ start }: Range): readonly string[] {
    const offset = this.linesOfFile.offsetAt(start);
    this.foundConditions ??= this.readConditions();
    return lastBefore(this.foundConditions, offset)?.open ?? [];
  }

  accesses(name: string): readonly Access[] {
    sight().bodies = true;
    return (this.index().get(name) ?? []).flatMap((token) => {
      const last = this.endOfChain(token);
      if (last === token) return [];
      const place = this.place(this.cursor.spanOf(token, last));
      return [{ ...place, chain: place.text.slice(name.length).trim() }];
    });
  }

  returns(fn: BpfFunction): readonly Place[] {
    sight().bodies = true;
    const body = this.outlineOf(fn)?.bodySpan;
    if (body === undefined) return [];
    const { cursor } = this;
    return (this.index().get("return") ?? []).flatMap((token) => {
      if (cursor.start(token) < body.start || cursor.start(token) >= body.end) return [];
      let last = token;
      while (last + 1 < cursor.count && !cursor.is(last + 1, ";") && cursor.start(last + 1) < body.end)
        last = Math.max(last + 1, overBracket(cursor, last + 1));
      const span =
        last === token ? { start: cursor.end(token), end: cursor.end(token) } : cursor.spanOf(token + 1, last);
      return [this.place(span)];
    });
  }

  private get cursor(): Cursor {
    return this.lowered.cursor;
  }

  /** Most names that are asked for stand nowhere: to search the text costs less than to look at all of its words. */
  private placesOf(name: string): readonly number[] | undefined {
    return this.byName === undefined && !this.lowered.source.includes(name) ? undefined : this.index().get(name);
  }

  private isOutside(start: number, end: number): boolean {
    return end <= (this.outline.functions[this.indexBehind(start)]?.bodySpan.start ?? Number.POSITIVE_INFINITY);
  }

  private index(): ReadonlyMap<string, readonly number[]> {
    this.byName ??= placesByName(this.cursor);
    return this.byName;
  }

  private place(span: Span): Place {
    const { source } = this.lowered;
    return {
      text: source.slice(span.start, span.end),
      range: this.linesOfFile.rangeOf(span),
      in: this.functionAround(span.start),
    };
  }

  private functionAround(offset: number): BpfFunction | undefined {
    return this.functions[this.indexAround(offset)];
  }

  /** -1 outside of functions. */
  private indexAround(offset: number): number {
    const index = this.indexBehind(offset);
    const found = this.outline.functions[index];
    return found !== undefined && found.start <= offset ? index : -1;
  }

  /** The first function that ends behind an offset. */
  private indexBehind(offset: number): number {
    const { functions } = this.outline;
    let low = 0;
    let high = functions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((functions[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private outlineOf(fn: BpfFunction): FunctionOutline | undefined {
    this.places ??= new Map(this.functions.map((one, i) => [one, i]));
    return this.outline.functions[this.places.get(fn) ?? -1];
  }

  private readLiterals(): readonly Literal[] {
    const found: Literal[] = [];
    for (let i = 0; i < this.cursor.count; i++) {
      const kind = this.cursor.kind(i);
      if (kind === NUMBER || kind === STRING) found.push(new LiteralView(i, this.cursor, (span) => this.place(span)));
    }
    return found;
  }

  private readLoops(): readonly Loop[] {
    const keywords = (["for", "while", "do"] as const).flatMap((keyword) =>
      (this.index().get(keyword) ?? []).map((token) => ({ keyword, token })),
    );
    const pragmas = this.directives().filter(({ name, body }) => name === "pragma" && UNROLL.test(body));
    const loops = keywords.map(({ keyword, token }) => this.loopAt(keyword, token, pragmas));
    // The `while` behind the body of a `do` is no loop of its own.
    const tails = new Set(loops.filter(({ keyword }) => keyword === "do").map(({ headRange }) => at(headRange.start)));
    return loops.filter(({ keyword, headRange }) => keyword !== "while" || !tails.has(at(headRange.start)));
  }

  private loopAt(keyword: Loop["keyword"], token: number, pragmas: readonly DirectiveLine[]): Loop {
    const { cursor, linesOfFile: lines } = this;
    const place = this.place(cursor.span(token));
    const isDo = keyword === "do";
    const bodyStart = isDo ? token + 1 : overBracket(cursor, token + 1) + 1;
    const bodyEnd = endOfStatement(cursor, bodyStart);
    const open = isDo ? bodyEnd + 2 : token + 1;
    const close = overBracket(cursor, open);
    const head = { start: cursor.end(open), end: Math.max(cursor.end(open), cursor.start(close)) };
    const { line } = place.range.start;
    const unroll = pragmas.findLast(({ range }) => range.end.line < line && this.isBlankBetween(range.end.line, line));
    return {
      ...place,
      keyword,
      head: this.lowered.source.slice(head.start, head.end).trim(),
      headRange: lines.rangeOf(head),
      bodyRange: lines.rangeOf(cursor.spanOf(bodyStart, bodyEnd)),
      unroll: unroll && { range: unroll.range, text: unroll.body },
      isBehindMacro: this.isMacro(token - 1),
    };
  }

  /** Whether what stands directly before a statement is one, seen from its last token. */
  private isMacro(i: number): boolean {
    const { cursor } = this;
    if (cursor.kind(i) === IDENTIFIER) return cursor.text(i) !== "else" && cursor.text(i) !== "do";
    return cursor.is(i, ")") && cursor.is(i - 2, "(") && cursor.text(i - 3) === "_Pragma";
  }

  private isBlankBetween(from: number, to: number): boolean {
    for (let line = from + 1; line < to; line++) if (this.linesOfFile.textOf(line).trim() !== "") return false;
    return true;
  }

  private endOfChain(token: number): number {
    const { cursor } = this;
    let last = token;
    for (;;) {
      if (cursor.is(last + 1, "[")) last = overBracket(cursor, last + 1);
      else if (cursor.is(last + 1, ".") && cursor.kind(last + 2) === IDENTIFIER) last += 2;
      else if (cursor.is(last + 1, "-") && cursor.is(last + 2, ">") && cursor.kind(last + 3) === IDENTIFIER) last += 3;
      else return last;
    }
  }

  private readingOf(fn: FunctionOutline): BodyReading {
    let reading = this.readings.get(fn);
    if (reading === undefined) {
      reading = readBody(this.bodyOf(fn));
      this.readings.set(fn, reading);
    }
    return reading;
  }

  private headsOf(fn: FunctionOutline): Heads {
    const reading = this.readingOf(fn);
    return reading.heads ?? headsIn(reading, this.bodyOf(fn));
  }

  private bodyOf({ name, bodySpan }: FunctionOutline): Body {
    return { cursor: this.cursor, source: this.lowered.source, span: bodySpan, name };
  }

  private readDirectives(): readonly DirectiveLine[] {
    const { source, tokens, dropped } = this.lowered;
    return tokens.directives
      .filter(({ start }) => !dropped.some((span) => span.start <= start && start < span.end))
      .map((directive) => ({
        name: directive.name,
        body: source.slice(directive.bodyStart, directive.end).trim(),
        range: this.linesOfFile.rangeOf(directive),
      }));
  }

  private readConditions(): readonly Conditions[] {
    const { source, tokens } = this.lowered;
    const open: string[] = [];
    return tokens.directives.map((directive, i) => {
      const { name, start, bodyStart, end } = directive;
      const condition = source.slice(bodyStart, end).trim();
      if (name === "endif") open.pop();
      else if (name === "elif") open.push(`${open.pop()} || ${condition}`);
      else if (name.startsWith("if"))
        open.push(isIncludeGuard(source, directive, tokens.directives[i + 1]) ? "" : condition);
      return { start, open: open.filter((one) => one !== "") };
    });
  }
}

/** What is asked from a preprocessor line on, to the next one. */
interface Conditions {
  readonly start: number;
  readonly open: readonly string[];
}

function lastBefore(conditions: readonly Conditions[], offset: number): Conditions | undefined {
  let low = -1;
  let high = conditions.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((conditions[middle]?.start ?? 0) < offset) low = middle;
    else high = middle;
  }
  return conditions[low];
}

/** Most names begin with a small letter, and to ask that costs least. */
export function isCapital(name: string): boolean {
  return name.charCodeAt(0) <= 95 && /^[A-Z_][A-Z0-9_]*$/.test(name);
}

const NO_NAMES: ReadonlySet<string> = new Set();

const UNROLL = /^(?:clang\s+loop\s+unroll|(?:GCC\s+)?(?:no)?unroll)\b/;

function at({ line, character }: Range["start"]): string {
  return `${line}:${character}`;
}

const wordsOf = remembered((text): readonly string[] => text.match(/\w+/g) ?? []);

interface LocalContext {
  readonly cursor: Cursor;
  /** The token from which those of the local count. */
  readonly first: number;
  readonly lines: Lines;
  readonly fn: BpfFunction;
}

/** Many are only counted. */
class UseView implements Place {
  readonly text: string;
  private readonly start: number;
  private readonly lines: Lines;
  private readonly around: (offset: number) => BpfFunction | undefined;

  constructor(text: string, start: number, lines: Lines, around: (offset: number) => BpfFunction | undefined) {
    this.text = text;
    this.start = start;
    this.lines = lines;
    this.around = around;
  }

  get range(): Range {
    return this.lines.rangeOf({ start: this.start, end: this.start + this.text.length });
  }

  get in(): BpfFunction | undefined {
    return this.around(this.start);
  }
}

/** There are hundreds, and most are asked for their text alone. */
class LiteralView implements Literal {
  readonly text: string;
  readonly kind: Literal["kind"];
  private readonly span: Span;
  private readonly placeOf: (span: Span) => Place;

  constructor(token: number, cursor: Cursor, placeOf: (span: Span) => Place) {
    this.text = cursor.text(token);
    this.kind = cursor.kind(token) === NUMBER ? "number" : "string";
    this.span = cursor.span(token);
    this.placeOf = placeOf;
  }

  get range(): Range {
    return this.placeOf(this.span).range;
  }

  get in(): BpfFunction | undefined {
    return this.placeOf(this.span).in;
  }
}

/** There are thousands, and most are asked for their name and type alone. */
class LocalView implements Local {
  readonly text: string;
  private readonly tokens: LocalTokens;
  private readonly context: LocalContext;

  constructor(tokens: LocalTokens, context: LocalContext) {
    this.text = tokens.text;
    this.tokens = tokens;
    this.context = context;
  }

  get in(): BpfFunction {
    return this.context.fn;
  }

  get range(): Range {
    return this.rangeOf(this.tokens.name, this.tokens.name);
  }

  get type(): string {
    return this.tokens.type;
  }

  get dimensions(): readonly string[] {
    return this.tokens.dimensions;
  }

  get initialiser(): string | undefined {
    return this.tokens.initialiser;
  }

  get declaration(): Range {
    return this.rangeOf(this.tokens.start, this.tokens.end);
  }

  get scope(): Range {
    const { cursor, first } = this.context;
    const { block } = this.tokens;
    return this.rangeOf(block, Math.max(block, cursor.closing(first + block) - first));
  }

  private rangeOf(from: number, to: number): Range {
    const { cursor, lines, first } = this.context;
    return lines.rangeOf(cursor.spanOf(first + from, first + to));
  }
}

/** Reads the tokens of a piece of code, for rules that rewrite it. */
export function cursorOver(text: string): Cursor {
  return new Cursor(text, tokenize(text));
}
