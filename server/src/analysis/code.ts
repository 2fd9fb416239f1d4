/** The code of a file for those who look into function bodies: words, literals, loops, local variables, conditions. */

import type { BpfFunction } from "./model.ts";
import { Cursor } from "./syntax/cursor.ts";
import type { Lowered } from "./syntax/dialect.ts";
import { STATEMENT_WORDS } from "./syntax/dialect-words.ts";
import type { FunctionOutline, Outline } from "./syntax/outline.ts";
import { IDENTIFIER, NUMBER, STRING, tokenize } from "./syntax/tokens.ts";
import { hasWord, type Lines, type Range, type Span } from "./text.ts";

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
  /** Every name in code, each once. */
  names(): Iterable<string>;
  /** Numbers and strings as written, in the order of the text. */
  literals(): readonly Literal[];
  loops(): readonly Loop[];
  /** Preprocessor lines of branches that are compiled. */
  directives(): readonly DirectiveLine[];
  /** The variables that a function declares in its body, however deep. */
  locals(fn: BpfFunction): readonly Local[];
  /** The texts between the parentheses of every `if`, `while` and `for` and before every `?` around a place. */
  conditionsAround(range: Range): readonly string[];
  /** The conditions of every `if` before a place in its function, whether it is within or behind it. */
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
  readonly lines: Lines;
  private readonly lowered: Lowered;
  private readonly outline: Outline;
  private readonly functions: readonly BpfFunction[];
  private byName: Map<string, number[]> | undefined;
  private readonly mentioned = new Map<string, boolean>();
  private foundLiterals: readonly Literal[] | undefined;
  private foundLoops: readonly Loop[] | undefined;
  private foundDirectives: readonly DirectiveLine[] | undefined;
  private foundConditions: readonly Conditions[] | undefined;
  private readonly localsOf = new Map<BpfFunction, readonly Local[]>();
  private readonly headsOf = new Map<FunctionOutline, readonly Head[]>();

  constructor({ lowered, outline, functions, lines }: CodeParts) {
    this.lowered = lowered;
    this.outline = outline;
    this.functions = functions;
    this.lines = lines;
  }

  get text(): string {
    return this.lowered.source;
  }

  textOf({ start, end }: Range): string {
    return this.lowered.source.slice(this.lines.offsetAt(start), this.lines.offsetAt(end));
  }

  has(pattern: RegExp): boolean {
    return pattern.test(this.lowered.source);
  }

  uses(name: string): readonly Place[] {
    return (this.index().get(name) ?? []).map((token) => this.place(this.cursor.span(token)));
  }

  mentions(name: string): boolean {
    let found = this.mentioned.get(name);
    if (found === undefined) {
      found = this.isMentioned(name);
      this.mentioned.set(name, found);
    }
    return found;
  }

  private isMentioned(name: string): boolean {
    if (this.index().has(name)) return true;
    return this.text.includes(name) && this.directives().some(({ body }) => hasWord(body, name));
  }

  names(): Iterable<string> {
    return this.index().keys();
  }

  literals(): readonly Literal[] {
    this.foundLiterals ??= this.readLiterals();
    return this.foundLiterals;
  }

  loops(): readonly Loop[] {
    this.foundLoops ??= this.readLoops();
    return this.foundLoops;
  }

  directives(): readonly DirectiveLine[] {
    this.foundDirectives ??= this.readDirectives();
    return this.foundDirectives;
  }

  locals(fn: BpfFunction): readonly Local[] {
    const known = this.localsOf.get(fn);
    if (known !== undefined) return known;
    const body = this.bodyOf(fn);
    const { cursor, lines } = this;
    const found =
      body === undefined
        ? []
        : readLocals(cursor, this.tokensIn(body)).map((local) => new LocalView(local, { cursor, lines, fn }));
    this.localsOf.set(fn, found);
    return found;
  }

  conditionsAround({ start }: Range): readonly string[] {
    const offset = this.lines.offsetAt(start);
    return this.headsBefore(offset).flatMap(({ text, end }) => (end > offset ? [text] : []));
  }

  conditionsBefore({ start }: Range): readonly string[] {
    return this.headsBefore(this.lines.offsetAt(start)).map(({ text }) => text);
  }

  compiledWhen({ start }: Range): readonly string[] {
    const offset = this.lines.offsetAt(start);
    this.foundConditions ??= this.readConditions();
    return lastBefore(this.foundConditions, offset)?.open ?? [];
  }

  accesses(name: string): readonly Access[] {
    return (this.index().get(name) ?? []).flatMap((token) => {
      const last = this.endOfChain(token);
      if (last === token) return [];
      const place = this.place(this.cursor.spanOf(token, last));
      return [{ ...place, chain: place.text.slice(name.length).trim() }];
    });
  }

  returns(fn: BpfFunction): readonly Place[] {
    const body = this.bodyOf(fn);
    if (body === undefined) return [];
    const { cursor } = this;
    return (this.index().get("return") ?? []).flatMap((token) => {
      if (cursor.start(token) < body.start || cursor.start(token) >= body.end) return [];
      let last = token;
      while (last + 1 < cursor.count && !cursor.is(last + 1, ";") && cursor.start(last + 1) < body.end)
        last = Math.max(last + 1, this.overBracket(last + 1));
      const span =
        last === token ? { start: cursor.end(token), end: cursor.end(token) } : cursor.spanOf(token + 1, last);
      return [this.place(span)];
    });
  }

  private get cursor(): Cursor {
    return this.lowered.cursor;
  }

  private index(): ReadonlyMap<string, readonly number[]> {
    this.byName ??= indexOf(this.cursor);
    return this.byName;
  }

  private place(span: Span): Place {
    const { source } = this.lowered;
    return {
      text: source.slice(span.start, span.end),
      range: this.lines.rangeOf(span),
      in: this.functionAround(span.start),
    };
  }

  private functionAround(offset: number): BpfFunction | undefined {
    return this.functions[this.indexAround(offset)];
  }

  /** -1 outside of functions. */
  private indexAround(offset: number): number {
    const { functions } = this.outline;
    let low = 0;
    let high = functions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((functions[middle]?.end ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const found = functions[low];
    return found !== undefined && found.start <= offset ? low : -1;
  }

  private bodyOf(fn: BpfFunction): Span | undefined {
    return this.outline.functions[this.functions.indexOf(fn)]?.bodySpan;
  }

  /** First and last token of a stretch of text. */
  private tokensIn({ start, end }: Span): readonly [number, number] {
    return [this.cursor.firstFrom(start), this.cursor.firstFrom(end) - 1];
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
    const { cursor, lines } = this;
    const place = this.place(cursor.span(token));
    const isDo = keyword === "do";
    const bodyStart = isDo ? token + 1 : this.overBracket(token + 1) + 1;
    const bodyEnd = this.endOfStatement(bodyStart);
    const open = isDo ? bodyEnd + 2 : token + 1;
    const close = this.overBracket(open);
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
    for (let line = from + 1; line < to; line++) if (this.lines.textOf(line).trim() !== "") return false;
    return true;
  }

  /** The last token of the statement that begins at `token`. */
  private endOfStatement(token: number): number {
    const { cursor } = this;
    if (cursor.is(token, "{")) return cursor.closing(token);
    let i = token;
    while (i < cursor.count && !cursor.is(i, ";") && !cursor.is(i, "}")) i = this.overBracket(i) + 1;
    return Math.min(i, cursor.count - 1);
  }

  /** The token that closes a bracket opened at `i`; `i` itself where none is. */
  private overBracket(i: number): number {
    const opens = this.cursor.is(i, "(") || this.cursor.is(i, "[") || this.cursor.is(i, "{");
    return opens ? Math.max(i, this.cursor.closing(i)) : i;
  }

  private endOfChain(token: number): number {
    const { cursor } = this;
    let last = token;
    for (;;) {
      if (cursor.is(last + 1, "[")) last = this.overBracket(last + 1);
      else if (cursor.is(last + 1, ".") && cursor.kind(last + 2) === IDENTIFIER) last += 2;
      else if (cursor.is(last + 1, "-") && cursor.is(last + 2, ">") && cursor.kind(last + 3) === IDENTIFIER) last += 3;
      else return last;
    }
  }

  private headsBefore(offset: number): readonly Head[] {
    const fn = this.outline.functions[this.indexAround(offset)];
    if (fn === undefined) return [];
    const heads = this.headsOf.get(fn) ?? this.readHeads(fn.bodySpan);
    this.headsOf.set(fn, heads);
    return heads.filter(({ start }) => start < offset);
  }

  private readHeads(body: Span): readonly Head[] {
    const { cursor, lowered } = this;
    const [first, last] = this.tokensIn(body);
    const found: Head[] = [];
    for (let i = first; i <= last; i++) {
      const start = cursor.start(i);
      if (cursor.is(i, "?")) {
        const text = lowered.source.slice(cursor.start(this.startOfCondition(i, first)), start).trim();
        // Where what depends on it ends nobody looks.
        found.push({ text, start, end: Number.POSITIVE_INFINITY });
        continue;
      }
      if (cursor.kind(i) !== IDENTIFIER || !CONDITIONAL.has(cursor.text(i)) || !cursor.is(i + 1, "(")) continue;
      const close = this.overBracket(i + 1);
      const text = lowered.source.slice(cursor.end(i + 1), cursor.start(close)).trim();
      // What is asked for may be a part of the condition: `if (have_x && x())`.
      found.push({ text, start, end: cursor.end(this.endWithElse(close + 1)) });
    }
    return found;
  }

  private readDirectives(): readonly DirectiveLine[] {
    const { source, tokens, dropped } = this.lowered;
    return tokens.directives
      .filter(({ start }) => !dropped.some((span) => span.start <= start && start < span.end))
      .map((directive) => ({
        name: directive.name,
        body: source.slice(directive.bodyStart, directive.end).trim(),
        range: this.lines.rangeOf(directive),
      }));
  }

  private readConditions(): readonly Conditions[] {
    const { source, tokens } = this.lowered;
    const open: string[] = [];
    return tokens.directives.map(({ name, start, bodyStart, end }, i) => {
      const condition = source.slice(bodyStart, end).trim();
      const next = tokens.directives[i + 1];
      const isIncludeGuard =
        name === "ifndef" && next?.name === "define" && source.slice(next.bodyStart, next.end).trim() === condition;
      if (name === "endif") open.pop();
      else if (name === "elif") open.push(`${open.pop()} || ${condition}`);
      else if (name.startsWith("if")) open.push(isIncludeGuard ? "" : condition);
      return { start, open: open.filter((one) => one !== "") };
    });
  }

  /** As `endOfStatement`, the `else` of an `if` with it. */
  private endWithElse(token: number): number {
    let end = this.endOfStatement(token);
    while (this.cursor.text(end + 1) === "else") {
      let next = end + 2;
      if (this.cursor.text(next) === "if") next = this.overBracket(next + 1) + 1;
      end = this.endOfStatement(next);
    }
    return end;
  }

  private startOfCondition(question: number, first: number): number {
    let i = question;
    while (i > first && !/^[;{},=?:]$/.test(this.cursor.text(i - 1)) && this.cursor.text(i - 1) !== "return") i--;
    return i;
  }
}

/** An `if`, `while`, `for` or `?` of a function. */
interface Head {
  readonly text: string;
  readonly start: number;
  /** Where the statement behind it ends. */
  readonly end: number;
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

const UNROLL = /^(?:clang\s+loop\s+unroll|(?:GCC\s+)?(?:no)?unroll)\b/;
const CONDITIONAL = new Set(["if", "while", "for"]);

function at({ line, character }: Range["start"]): string {
  return `${line}:${character}`;
}

function indexOf(cursor: Cursor): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (let i = 0; i < cursor.count; i++) {
    if (cursor.kind(i) !== IDENTIFIER) continue;
    const name = cursor.text(i);
    const places = found.get(name);
    if (places === undefined) found.set(name, [i]);
    else places.push(i);
  }
  return found;
}

/** A local variable by its tokens. */
interface LocalTokens {
  readonly name: number;
  /** The first word of the declaration, the last of its type without stars, and the end of this declarator. */
  readonly start: number;
  readonly baseEnd: number;
  readonly end: number;
  readonly stars: string;
  readonly dimensions: readonly string[];
  readonly initialiser: string | undefined;
  /** The brace that opens the block around it. */
  readonly block: number;
}

interface LocalContext {
  readonly cursor: Cursor;
  readonly lines: Lines;
  readonly fn: BpfFunction;
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
    this.text = context.cursor.text(tokens.name);
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
    const { start, baseEnd, stars } = this.tokens;
    const base = this.context.cursor.textOf(start, baseEnd);
    return stars === "" ? base : `${base} ${stars}`;
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
    const { block } = this.tokens;
    return this.rangeOf(block, Math.max(block, this.context.cursor.closing(block)));
  }

  private rangeOf(first: number, last: number): Range {
    const { cursor, lines } = this.context;
    return lines.rangeOf(cursor.spanOf(first, last));
  }
}

/** Declarations are told from expressions by two names, or a name, stars and a name, where a statement begins. */
function readLocals(cursor: Cursor, [first, last]: readonly [number, number]): readonly LocalTokens[] {
  const found: LocalTokens[] = [];
  const blocks: number[] = [];
  for (let i = first; i <= last; i++) {
    const code = cursor.code(i);
    if (code === OPEN_BRACE) blocks.push(i);
    else if (code === CLOSE_BRACE) blocks.pop();
    if (cursor.kind(i) !== IDENTIFIER) continue;
    const before = cursor.code(i - 1);
    const begins = before === OPEN_BRACE || before === CLOSE_BRACE || before === SEMICOLON || opensFor(cursor, i - 1);
    if (!begins) continue;
    found.push(...declaredAt(cursor, i, blocks.at(-1) ?? first));
    i = Math.max(i, spelledOut(cursor, i) ?? i);
  }
  return found;
}

/** The brace that closes a structure spelt out where a declaration begins. */
function spelledOut(cursor: Cursor, start: number): number | undefined {
  if (!TAGS.has(cursor.text(start))) return undefined;
  const open = cursor.is(start + 1, "{") ? start + 1 : start + 2;
  return cursor.is(open, "{") ? cursor.closing(open) : undefined;
}

function opensFor(cursor: Cursor, i: number): boolean {
  return cursor.is(i, "(") && cursor.text(i - 1) === "for";
}

const OPEN_PAREN = 40;
const STAR = 42;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function declaredAt(cursor: Cursor, start: number, block: number): readonly LocalTokens[] {
  // `x = 1;`, `p->x = 1;`: most statements are over here.
  const next = cursor.code(start + 1);
  if (next !== 0 && next !== STAR && next !== OPEN_PAREN && next !== OPEN_BRACE) return [];
  if (STATEMENT_WORDS.has(cursor.text(start))) return [];
  let i = start;
  while (
    cursor.kind(i) === IDENTIFIER ||
    (cursor.is(i, "(") && /^__attribute__|^typeof|^__typeof/.test(cursor.text(i - 1)))
  )
    i = cursor.is(i, "(") ? cursor.closing(i) + 1 : i + 1;
  const spelled = spelledOut(cursor, start);
  if (spelled !== undefined) i = spelled + 1;
  const words = i;
  while (cursor.is(i, "*") || QUALIFIERS.has(cursor.text(i))) i++;
  const found: LocalTokens[] = [];
  // Without stars the last word is the name.
  let name = i === words && spelled === undefined ? i - 1 : i;
  const typeEnd = name;
  if (cursor.kind(name) !== IDENTIFIER || typeEnd <= start) return [];
  const baseEnd = i === words && spelled === undefined ? typeEnd - 1 : words - 1;
  for (;;) {
    const declarator = declaratorAt(cursor, name);
    if (declarator === undefined) return found;
    const { end, dimensions, initialiser } = declarator;
    let stars = "";
    for (let s = name - 1; cursor.is(s, "*") || QUALIFIERS.has(cursor.text(s)); s--)
      stars = cursor.is(s, "*") ? `*${stars}` : stars;
    found.push({ name, start, baseEnd, end, stars, dimensions, initialiser, block });
    if (!cursor.is(end + 1, ",")) return found;
    name = end + 2;
    while (cursor.is(name, "*")) name++;
    if (cursor.kind(name) !== IDENTIFIER) return found;
  }
}

const TAGS = new Set(["struct", "union", "enum"]);
const QUALIFIERS = new Set(["const", "volatile", "restrict", "__restrict"]);

/** From a declared name over its brackets and initialiser; undefined where it is no declarator. */
function declaratorAt(
  cursor: Cursor,
  name: number,
):
  | { readonly end: number; readonly dimensions: readonly string[]; readonly initialiser: string | undefined }
  | undefined {
  let end = name;
  const dimensions: string[] = [];
  while (cursor.is(end + 1, "[")) {
    const close = cursor.closing(end + 1);
    dimensions.push(textBetween(cursor, end + 2, close - 1));
    end = close;
  }
  while (cursor.kind(end + 1) === IDENTIFIER && cursor.text(end + 1).startsWith("__")) {
    end++;
    if (cursor.is(end + 1, "(")) end = cursor.closing(end + 1);
  }
  if (cursor.is(end + 1, ";") || cursor.is(end + 1, ",")) return { end, dimensions, initialiser: undefined };
  if (!cursor.is(end + 1, "=") || cursor.is(end + 2, "=")) return undefined;
  let last = end + 2;
  while (last < cursor.count && !cursor.is(last, ";") && !cursor.is(last, ",")) {
    const opens = cursor.is(last, "(") || cursor.is(last, "[") || cursor.is(last, "{");
    last = (opens ? Math.max(last, cursor.closing(last)) : last) + 1;
  }
  return { end: last - 1, dimensions, initialiser: textBetween(cursor, end + 2, last - 1) };
}

function textBetween(cursor: Cursor, first: number, last: number): string {
  return last < first ? "" : cursor.textOf(first, last);
}

/** Reads the tokens of a piece of code, for rules that rewrite it. */
export function cursorOver(text: string): Cursor {
  return new Cursor(text, tokenize(text));
}
