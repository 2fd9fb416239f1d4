/** What stands in the body of one function, by its tokens: variables and conditions. Positions count from its first brace. */

import { ByName } from "./remember.ts";
import type { Cursor } from "./syntax/cursor.ts";
import { STATEMENT_WORDS } from "./syntax/dialect-words.ts";
import { IDENTIFIER } from "./syntax/tokens.ts";
import type { Span } from "./text.ts";

export interface BodyReading {
  readonly locals: readonly LocalTokens[];
  /** Of the locals. */
  readonly names: ReadonlySet<string>;
  /** Read when somebody asks: see `headsIn`. */
  heads: Heads | undefined;
}

/** A body where it stands now. */
export interface Body {
  readonly cursor: Cursor;
  readonly source: string;
  readonly span: Span;
  /** Of its function. */
  readonly name: string;
}

/** With each key most bodies stay as they are. */
export function readBody(body: Body): BodyReading {
  const { cursor, source, span, name } = body;
  const [first, last] = tokensOf(body);
  const text = source.slice(span.start, span.end);
  // What the preprocessor leaves out of one the text around it decides.
  const isByItself = cursor.isClosed(first) && cursor.closing(first) === last && !text.includes("#");
  if (!isByItself) return readVariables(body);
  let reading: BodyReading | undefined;
  const kept = bodies.get(name, text, () => {
    reading = readVariables(body);
    return endsWithin(reading, last - first);
  });
  return kept ?? reading ?? readVariables(body);
}

const bodies = new ByName<BodyReading | undefined>();

/** Where a declaration ends that is half typed the text behind the body decides. */
function endsWithin(reading: BodyReading, last: number): BodyReading | undefined {
  return reading.locals.some(({ end }) => end >= last) ? undefined : reading;
}

function readVariables(body: Body): BodyReading {
  const locals = readLocals(body.cursor, ...tokensOf(body));
  return { locals, names: new Set(locals.map(({ text }) => text)), heads: undefined };
}

/** The conditions of a body that was read, in this text or in one before. */
export function headsIn(reading: BodyReading, body: Body): Heads {
  reading.heads ??= new Heads(readHeads(body.cursor, body.source, ...tokensOf(body)));
  return reading.heads;
}

function tokensOf({ cursor, span }: Body): readonly [number, number] {
  return [cursor.firstFrom(span.start), cursor.firstFrom(span.end) - 1];
}

/** An `if`, `while`, `for` or `?` of a function. */
interface Head {
  readonly text: string;
  readonly start: number;
  /** Where the statement behind it ends. */
  readonly end: number;
}

/** Those of one function, in the order of the text. */
export class Heads {
  private readonly all: readonly Head[];
  private readonly lists: (readonly string[] | undefined)[] = [];

  constructor(all: readonly Head[]) {
    this.all = all;
  }

  /** What those around a place ask. */
  around(offset: number): readonly string[] {
    return this.all.filter(({ start, end }) => start < offset && offset < end).map(({ text }) => text);
  }

  /** What those before a place ask: the same list for all places between two of them. */
  before(offset: number): readonly string[] {
    let count = 0;
    while (count < this.all.length && (this.all[count]?.start ?? 0) < offset) count++;
    let list = this.lists[count];
    if (list === undefined) {
      list = this.all.slice(0, count).map(({ text }) => text);
      this.lists[count] = list;
    }
    return list;
  }
}

function readHeads(cursor: Cursor, source: string, first: number, last: number): readonly Head[] {
  const found: Head[] = [];
  const origin = cursor.start(first);
  for (let i = first; i <= last; i++) {
    if (cursor.code(i) === QUESTION) {
      const start = cursor.start(i);
      const text = source.slice(cursor.start(startOfCondition(cursor, i, first)), start).trim();
      // Where what depends on it ends nobody looks.
      found.push({ text, start: start - origin, end: Number.POSITIVE_INFINITY });
      continue;
    }
    if (cursor.code(i + 1) !== OPEN_PAREN || cursor.kind(i) !== IDENTIFIER || !CONDITIONAL.has(cursor.text(i)))
      continue;
    const close = overBracket(cursor, i + 1);
    const text = source.slice(cursor.end(i + 1), cursor.start(close)).trim();
    // What is asked for may be a part of the condition: `if (have_x && x())`.
    found.push({
      text,
      start: cursor.start(i) - origin,
      end: cursor.end(endWithElse(cursor, close + 1)) - origin,
    });
  }
  return found;
}

const CONDITIONAL = new Set(["if", "while", "for"]);

function startOfCondition(cursor: Cursor, question: number, first: number): number {
  let i = question;
  while (i > first && !/^[;{},=?:]$/.test(cursor.text(i - 1)) && cursor.text(i - 1) !== "return") i--;
  return i;
}

/** The last token of the statement that begins at `token`. */
export function endOfStatement(cursor: Cursor, token: number): number {
  if (cursor.is(token, "{")) return cursor.closing(token);
  let i = token;
  while (i < cursor.count && !cursor.is(i, ";") && !cursor.is(i, "}")) i = overBracket(cursor, i) + 1;
  return Math.min(i, cursor.count - 1);
}

/** As `endOfStatement`, the `else` of an `if` with it. */
function endWithElse(cursor: Cursor, token: number): number {
  let end = endOfStatement(cursor, token);
  while (cursor.text(end + 1) === "else") {
    let next = end + 2;
    if (cursor.text(next) === "if") next = overBracket(cursor, next + 1) + 1;
    end = endOfStatement(cursor, next);
  }
  return end;
}

/** The token that closes a bracket opened at `i`; `i` itself where none is. */
export function overBracket(cursor: Cursor, i: number): number {
  const opens = cursor.is(i, "(") || cursor.is(i, "[") || cursor.is(i, "{");
  return opens ? Math.max(i, cursor.closing(i)) : i;
}

/** A local variable by its tokens, counted from the brace that opens the body. */
export interface LocalTokens {
  readonly text: string;
  readonly name: number;
  /** The first word of the declaration, and the end of this declarator. */
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly dimensions: readonly string[];
  readonly initialiser: string | undefined;
  /** The brace that opens the block around it. */
  readonly block: number;
}

/** Declarations are told from expressions by two names, or a name, stars and a name, where a statement begins. */
function readLocals(cursor: Cursor, first: number, last: number): readonly LocalTokens[] {
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
    declaredAt(cursor, i, { first, block: blocks.at(-1) ?? first }, found);
    i = Math.max(i, spelledOut(cursor, i) ?? i);
  }
  return found;
}

function typeText(cursor: Cursor, first: number, last: number, stars: string): string {
  const base = cursor.textOf(first, last);
  return stars === "" ? base : `${base} ${stars}`;
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

const QUESTION = 63;
const OPEN_PAREN = 40;
const STAR = 42;
const SEMICOLON = 59;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

interface Around {
  /** The braces that open the body and the block. */
  readonly first: number;
  readonly block: number;
}

function declaredAt(cursor: Cursor, start: number, { first, block }: Around, found: LocalTokens[]): void {
  // `x = 1;`, `p->x = 1;`: most statements are over here.
  const next = cursor.code(start + 1);
  if (next !== 0 && next !== STAR && next !== OPEN_PAREN && next !== OPEN_BRACE) return;
  if (STATEMENT_WORDS.has(cursor.text(start))) return;
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
  // Without stars the last word is the name.
  let name = i === words && spelled === undefined ? i - 1 : i;
  const typeEnd = name;
  if (cursor.kind(name) !== IDENTIFIER || typeEnd <= start) return;
  const baseEnd = i === words && spelled === undefined ? typeEnd - 1 : words - 1;
  for (;;) {
    const declarator = declaratorAt(cursor, name);
    if (declarator === undefined) return;
    const { end, dimensions, initialiser } = declarator;
    let stars = "";
    for (let s = name - 1; cursor.is(s, "*") || QUALIFIERS.has(cursor.text(s)); s--)
      stars = cursor.is(s, "*") ? `*${stars}` : stars;
    found.push({
      text: cursor.text(name),
      name: name - first,
      start: start - first,
      type: typeText(cursor, start, baseEnd, stars),
      end: end - first,
      dimensions,
      initialiser,
      block: block - first,
    });
    if (!cursor.is(end + 1, ",")) return;
    name = end + 2;
    while (cursor.is(name, "*")) name++;
    if (cursor.kind(name) !== IDENTIFIER) return;
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
