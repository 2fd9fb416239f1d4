/**
 * Lowers the BPF dialect of C to plain C of the same length, and records what it took out.
 *
 * The stock C grammar misreads `SEC("xdp")`, `__uint(type, X)` and `static __always_inline int f()`. This pass blanks or
 * rewrites such islands in place. Offsets never move, so every range found in the lowered text is right in the file.
 */

import { once, rememberedOf } from "../remember.ts";
import type { Span } from "../text.ts";
import { activeTokens } from "./conditionals.ts";
import { Cursor } from "./cursor.ts";
import {
  ASM_WORDS,
  ATTRIBUTE_CALLS,
  ATTRIBUTE_WORDS,
  LEADING_ATTRIBUTE_CALLS,
  LOOP_KEYWORDS,
  LOOP_MACROS,
  MEMBER_MACROS,
  PROGRAM_MACRO,
  SECTION_MACROS,
  SIZEOF_LIKE,
  STATEMENT_KEYWORDS,
  STATEMENT_WORDS,
  STORAGE_WORDS,
  TAG_KEYWORDS,
  TYPE_WORDS,
  UNDERSCORE_TYPE,
} from "./dialect-words.ts";
import { argumentsOf, expandCall } from "./expand.ts";
import { type Define, type Macros, macrosOf, readDefines } from "./macros.ts";
import { IDENTIFIER, NUMBER, PUNCTUATION, STRING, type Tokens, tokenize } from "./tokens.ts";
import { tokenizeAgain } from "./tokens-again.ts";
import type { Lookup } from "./types.ts";

export interface Lowered {
  /** Plain C, exactly as long as the source, with its line breaks where they were. */
  readonly text: string;
  readonly source: string;
  /** All tokens of the source; `cursor` reads those that count. */
  readonly tokens: Tokens;
  /** The tokens outside of branches that are not compiled. */
  readonly cursor: Cursor;
  /** Text of branches that are not read. */
  readonly dropped: readonly Span[];
  readonly macros: Macros;
  /** The `#define`s of this text alone, as they stand at its end. */
  readonly defines: ReadonlyMap<string, Define>;
  readonly islands: Islands;
}

/** What was taken out, each list in the order of the text. */
export interface Islands {
  readonly sections: readonly SectionMark[];
  readonly members: readonly MapMember[];
  readonly programMacros: readonly ProgramMacro[];
  readonly attributes: readonly AttributeWord[];
  readonly expansions: readonly Expansion[];
  readonly calls: readonly CallMark[];
}

/** `name(args…)` inside a function. */
export interface CallMark extends Span {
  readonly name: string;
  readonly token: number;
  /** The token that closes it, or the last one that belongs to it while that is missing. */
  readonly lastToken: number;
  readonly closed: boolean;
}

/** A macro call where a declaration begins. */
export interface Expansion extends Span {
  readonly token: number;
  readonly lastToken: number;
  readonly macro: string;
  readonly args: readonly string[];
  readonly argSpans: readonly Span[];
  /** What it stands for, when it makes maps or programs. */
  readonly text: string | undefined;
}

/** `SEC("xdp")`, `__section("xdp")` or the same as an `__attribute__`. */
export interface SectionMark extends Span {
  readonly token: number;
  readonly lastToken: number;
  /** The string that libbpf will see; undefined when a part of it is a macro from elsewhere. */
  readonly name: string | undefined;
  /** What stands between the parentheses, quotes left out when it is one literal. */
  readonly nameSpan: Span;
}

/** `__uint(max_entries, 64)` in a map definition. */
export interface MapMember extends Span {
  readonly macro: "__uint" | "__ulong" | "__type" | "__array";
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: string;
  readonly valueSpan: Span;
}

/** `BPF_PROG(name, args…)` and its family, in the place of a function's declarator. */
export interface ProgramMacro extends Span {
  readonly token: number;
  readonly macro: string;
  readonly name: string;
  readonly nameSpan: Span;
  /** From after the comma that follows the name up to the closing parenthesis; empty when there are no arguments. */
  readonly argsSpan: Span;
}

export interface AttributeWord extends Span {
  readonly word: string;
}

/** A text whose tokens are known, and those of them that count, before anything is taken out of it. */
export type Split = Omit<Lowered, "text" | "islands">;

/**
 * @param known definitions from headers; the text's own win over them
 * @param before the same source, read with other definitions, or what it was before an edit
 */
export function lower(source: string, known?: Lookup<Define>, before?: Lowered): Lowered {
  return lowerAll(split(source, known, before));
}

export function split(source: string, known?: Lookup<Define>, before?: Lowered): Split {
  const tokens = tokensOf(source, before);
  const active = activeTokens(source, tokens, (name) => known?.get(name));
  const isWhole = before?.tokens === tokens && before.dropped.length === 0 && active.dropped.length === 0;
  const cursor = isWhole ? before.cursor : new Cursor(source, active.tokens);
  const defines = readDefines(source, active.tokens.directives, active.isAlternative);
  const macros = macrosOf(defines, known);
  return { source, tokens, cursor, dropped: active.dropped, macros, defines: defines.last };
}

/** Its text and its islands are made when somebody asks for them. */
export function lowerWhenAsked(text: Split): Lowered {
  const whole = once(() => lowerAll(text));
  return {
    ...text,
    get text() {
      return whole().text;
    },
    get islands() {
      return whole().islands;
    },
  };
}

export function lowerAll(text: Split): Lowered {
  const { source, cursor, macros, tokens, dropped } = text;
  const pass = new Pass(source, cursor, macros);
  for (const span of [...tokens.directives, ...dropped]) pass.blank(span.start, span.end);
  pass.run();
  return { ...text, text: pass.text(0, source.length) ?? source, islands: pass.islands };
}

function tokensOf(source: string, before: Lowered | undefined): Tokens {
  if (before === undefined) return tokenize(source);
  if (before.source === source) return before.tokens;
  return tokenizeAgain(source, before.source, before.tokens) ?? tokenize(source);
}

/** What a stretch of whole declarations is lowered to, and what was taken out there. */
export interface LoweredPart {
  readonly text: string;
  readonly islands: Islands;
}

/** Lowers the tokens from `first` to before `end` as if nothing stood around them; undefined where that makes a difference. */
export function lowerPart(
  source: string,
  cursor: Cursor,
  macros: Macros,
  first: number,
  end: number,
): LoweredPart | undefined {
  const pass = new Pass(source, cursor, macros);
  const isDone = pass.run(first, end);
  const text = isDone ? pass.text(cursor.start(first), cursor.end(end - 1)) : undefined;
  return text === undefined ? undefined : { text, islands: pass.islands };
}

/** Whether a word is nothing but a name: another such name in its place, with no parenthesis behind it, is read in the same way. */
export function isPlainName(word: string, macros: Macros): boolean {
  if (MEANT.some((words) => words.has(word)) || PROGRAM_MACRO.test(word)) return false;
  if (word.startsWith("__attribute") || macros.defines.get(word) !== undefined) return false;
  return !macros.isSection(word) && !macros.isAttribute(word) && !macros.isStatement(word);
}

const MEANT: readonly ReadonlySet<string>[] = [
  ATTRIBUTE_WORDS,
  ATTRIBUTE_CALLS,
  LEADING_ATTRIBUTE_CALLS,
  MEMBER_MACROS,
  SECTION_MACROS,
  ASM_WORDS,
  STATEMENT_KEYWORDS,
  STATEMENT_WORDS,
  SIZEOF_LIKE,
  TAG_KEYWORDS,
  LOOP_KEYWORDS,
  LOOP_MACROS,
  STORAGE_WORDS,
  TYPE_WORDS,
];

/** What a word means by itself, wherever it stands. */
type WordKind = number;
const PLAIN = 0;
const SECTION = 1;
const SPECIFIER = 2;
const MEMBER = 3;
const ATTRIBUTE = 4;
const ATTRIBUTE_CALL = 5;
const ASM = 6;
const PROGRAM = 7;

const OPEN_PAREN = 40;
const CLOSE_PAREN = 41;
const SEMICOLON = 59;
const EQUALS = 61;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** From key to key the macros of a file stay, and with them what its words mean. */
const kindsFor = rememberedOf((_: Macros) => new Map<string, WordKind>());

/** What a `{` opens. Macros read differently in each. */
type Block = "function" | "other";

/** One walk over the tokens. A class because every rule below writes to the same lists. */
class Pass {
  readonly sections: SectionMark[] = [];
  readonly members: MapMember[] = [];
  readonly programMacros: ProgramMacro[] = [];
  readonly attributes: AttributeWord[] = [];
  readonly expansions: Expansion[] = [];
  readonly calls: CallMark[] = [];
  private readonly source: string;
  private readonly cursor: Cursor;
  private readonly macros: Macros;
  private readonly edits: Edit[] = [];
  private readonly blocks: Block[] = [];
  private readonly parens: number[] = [];
  private readonly kinds: Map<string, WordKind>;
  /** The token behind a macro that stood for a statement. */
  private afterMacro = -1;
  /** The opening parenthesis of the pair that was closed last. */
  private lastOpen = -1;
  /** Nothing of a top-level declaration has been seen yet but storage words and what was taken out. */
  private atStart = true;
  /** Behind the `=` of a top-level declaration. */
  private inInitialiser = false;

  constructor(source: string, cursor: Cursor, macros: Macros) {
    this.source = source;
    this.cursor = cursor;
    this.macros = macros;
    this.kinds = kindsFor(macros);
  }

  get islands(): Islands {
    const { sections, members, programMacros, attributes, expansions, calls } = this;
    return { sections, members, programMacros, attributes, expansions, calls };
  }

  /** Undefined where something beyond it was changed. */
  text(from: number, to: number): string | undefined {
    const { source, edits } = this;
    const pieces: string[] = [];
    let done = from;
    for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
      if (start < from || end > to) return undefined;
      if (start < done) continue;
      pieces.push(source.slice(done, start), text, blankOf(source, start + text.length, end));
      done = end;
    }
    pieces.push(source.slice(done, to));
    return pieces.join("");
  }

  /** @returns whether it ends as it began: between two declarations */
  run(first = 0, end = this.cursor.count): boolean {
    const { cursor } = this;
    let i = first;
    while (i < end) i = cursor.kind(i) === IDENTIFIER ? this.identifier(i) : this.other(i);
    return i === end && this.atStart && this.blocks.length === 0 && this.parens.length === 0;
  }

  private other(i: number): number {
    const { cursor, blocks, parens } = this;
    this.atStart = false;
    switch (cursor.code(i)) {
      case OPEN_BRACE:
        blocks.push(this.blockAt(i));
        break;
      case CLOSE_BRACE:
        blocks.pop();
        this.atStart = blocks.length === 0;
        break;
      case SEMICOLON:
        this.atStart = blocks.length === 0;
        this.inInitialiser = false;
        break;
      case EQUALS:
        this.inInitialiser ||= blocks.length === 0;
        break;
      case OPEN_PAREN:
        parens.push(i);
        break;
      case CLOSE_PAREN:
        this.lastOpen = parens.pop() ?? -1;
        break;
    }
    return i + 1;
  }

  private get inFunction(): boolean {
    return this.blocks.at(-1) === "function";
  }

  private blockAt(i: number): Block {
    const { cursor, blocks, lastOpen } = this;
    if (blocks.length === 0) return cursor.is(i - 1, ")") ? "function" : "other";
    if (!this.inFunction) return "other";
    // `(type){ … }` is a value; `if (x) {` and `loop(x) {` are blocks.
    if (cursor.is(i - 1, ")")) return cursor.kind(lastOpen - 1) === IDENTIFIER ? "function" : "other";
    if (cursor.kind(i - 1) === IDENTIFIER) return /^(?:else|do)$/.test(cursor.text(i - 1)) ? "function" : "other";
    return cursor.is(i - 1, "=") || cursor.is(i - 1, ",") || cursor.is(i - 1, "]") ? "other" : "function";
  }

  /** Handles the word at token `i` and says where to go on. Rules that do not fit leave the text as it is. */
  private identifier(i: number): number {
    const { cursor } = this;
    const word = cursor.text(i);
    const called = cursor.is(i + 1, "(");
    const kind = this.kindOf(word);
    if (kind !== PLAIN) {
      if (kind === ATTRIBUTE) return this.attribute(i, i, word);
      if (kind === ASM) return this.asm(i);
      const next = called ? this.calledByKind(i, word, kind) : undefined;
      if (next !== undefined) return next;
    }
    if (this.atStart && this.blocks.length === 0) {
      if (STORAGE_WORDS.has(word)) return i + 1;
      if (called && LEADING_ATTRIBUTE_CALLS.has(word) && cursor.isClosed(i + 1))
        return this.attribute(i, cursor.closing(i + 1), word);
      if (called && kind !== PROGRAM) return this.callAtStart(i, word);
      if (this.isAttributeByPosition(i)) return this.attribute(i, i, word);
    }
    this.atStart = false;
    if (called && kind === PROGRAM) return this.programMacro(i, word);
    if (this.inFunction) return called ? this.callInFunction(i, word) : this.wordInFunction(i, word);
    if (cursor.is(i + 1, ":")) return this.unnamedBitField(i);
    return called ? this.callOutside(i, word) : i + 1;
  }

  private calledByKind(i: number, word: string, kind: WordKind): number | undefined {
    if (kind === SECTION) return this.section(i);
    if (kind === SPECIFIER) return this.attributeSpecifier(i);
    if (kind === MEMBER) return this.member(i, word as MapMember["macro"]);
    const { cursor } = this;
    const isAttribute = kind === ATTRIBUTE_CALL && cursor.isClosed(i + 1);
    return isAttribute ? this.attribute(i, cursor.closing(i + 1), word) : undefined;
  }

  /** A file has far more words than different ones. */
  private kindOf(word: string): WordKind {
    const known = this.kinds.get(word);
    if (known !== undefined) return known;
    const kind = this.newKindOf(word);
    this.kinds.set(word, kind);
    return kind;
  }

  private newKindOf(word: string): WordKind {
    if (this.isSectionMacro(word)) return SECTION;
    if (word === "__attribute__" || word === "__attribute") return SPECIFIER;
    if (MEMBER_MACROS.has(word)) return MEMBER;
    if (this.isAttributeWord(word)) return ATTRIBUTE;
    if (ATTRIBUTE_CALLS.has(word)) return ATTRIBUTE_CALL;
    if (ASM_WORDS.has(word)) return ASM;
    return PROGRAM_MACRO.test(word) ? PROGRAM : PLAIN;
  }

  private isSectionMacro(word: string): boolean {
    return SECTION_MACROS.has(word) || this.macros.isSection(word);
  }

  private isAttributeWord(word: string): boolean {
    return ATTRIBUTE_WORDS.has(word) || this.macros.isAttribute(word);
  }

  /** `FUNC_INLINE int f(`, `statfunc buf_t *f(`: no C declaration begins with one name too many. */
  private isAttributeByPosition(i: number): boolean {
    const { cursor } = this;
    const word = cursor.text(i);
    if (TYPE_WORDS.has(word) || cursor.kind(i + 1) !== IDENTIFIER) return false;
    const next = cursor.text(i + 1);
    if (/^(?:const|volatile)$/.test(next)) return TYPE_WORDS.has(cursor.text(i + 2)) || cursor.is(i + 3, "*");
    if (STORAGE_WORDS.has(next)) return !cursor.is(i + 3, "(");
    if (TYPE_WORDS.has(next)) return true;
    if (isUnderscored(word) && (ATTRIBUTE_CALLS.has(next) || this.isAttributeWord(next))) return true;
    if (this.isAttributeWord(next) || PROGRAM_MACRO.test(next) || this.isSectionMacro(next)) return false;
    let name = i + 2;
    while (cursor.is(name, "*")) name++;
    if (cursor.kind(name) !== IDENTIFIER || TYPE_WORDS.has(cursor.text(name))) return false;
    const after = cursor.text(name);
    if (this.isAttributeWord(after) || this.isSectionMacro(after) || after.startsWith("__attribute")) return false;
    return cursor.is(name + 1, "(") || cursor.is(name + 1, ";") || cursor.is(name + 1, "=") || cursor.is(name + 1, "[");
  }

  private section(i: number): number {
    const last = this.sectionEnd(i + 1);
    this.recordSection(i, last, i + 2, last - 1);
    this.blank(this.cursor.start(i), this.cursor.end(last));
    return this.tagsAfterSection(last + 1);
  }

  /** The closing parenthesis of a section mark, or the last word that belongs to a half-typed one. */
  private sectionEnd(open: number): number {
    const { cursor } = this;
    let i = open + 1;
    while (cursor.kind(i) === STRING || (cursor.kind(i) === IDENTIFIER && cursor.sameLine(open, i))) i++;
    if (cursor.is(i, ")")) return i;
    // `SEC(NAME(x))`: whatever stands there, the mark ends with its line.
    const close = cursor.closing(open);
    return cursor.isClosed(open) && cursor.sameLine(open, close) ? close : i - 1;
  }

  private recordSection(token: number, lastToken: number, from: number, to: number): void {
    const { cursor } = this;
    const closed = cursor.is(lastToken, ")");
    const upTo = closed ? to : lastToken;
    const name = this.sectionText(cursor.text(token), from, upTo);
    const single = from === upTo && cursor.kind(from) === STRING;
    const nameSpan =
      upTo < from
        ? { start: cursor.end(from - 1), end: cursor.end(from - 1) }
        : single
          ? cursor.insideQuotes(from)
          : { start: cursor.start(from), end: cursor.end(upTo) };
    this.sections.push({ start: cursor.start(token), end: cursor.end(lastToken), token, lastToken, name, nameSpan });
  }

  /** The string libbpf sees: the argument of `SEC`, or what a macro of the project's makes of its own argument. */
  private sectionText(macro: string, from: number, to: number): string | undefined {
    const { cursor, macros } = this;
    const text = macros.textOf(cursor, from, to);
    if (SECTION_MACROS.has(macro) || macro.startsWith("__attribute")) return text;
    const argument = this.source.slice(cursor.start(from), cursor.end(to));
    const expanded = expandCall(macros, macro, [argument]);
    if (expanded === undefined) return text;
    const inside = new Cursor(expanded, tokenize(expanded));
    for (let i = 0; i < inside.count; i++) {
      const word = inside.text(i);
      if ((word === "section" || word === "__section__" || word === "SEC") && inside.is(i + 1, "(")) {
        return macros.textOf(inside, i + 2, inside.closing(i + 1) - 1);
      }
    }
    return text;
  }

  /** Test tags and annotations between a section and its function: `SEC("tc") __success __retval(0) int f()`. */
  private tagsAfterSection(from: number): number {
    const { cursor } = this;
    let i = from;
    while (cursor.kind(i) === IDENTIFIER) {
      const word = cursor.text(i);
      if (!word.startsWith("__") || UNDERSCORE_TYPE.test(word) || word.startsWith("__attribute")) break;
      if (this.isSectionMacro(word)) break;
      const last = cursor.isClosed(i + 1) && cursor.is(i + 1, "(") ? cursor.closing(i + 1) : i;
      i = this.attribute(i, last, word);
    }
    return i;
  }

  /** Only a section named in it is of interest. */
  private attributeSpecifier(i: number): number {
    const { cursor } = this;
    if (!cursor.isClosed(i + 1)) return i + 1;
    const last = cursor.closing(i + 1);
    for (let k = i + 2; k < last; k++) {
      const word = cursor.text(k);
      if ((word === "section" || word === "__section__") && cursor.is(k + 1, "(")) {
        this.recordSection(i, last, ...this.insideParentheses(k + 1));
      }
    }
    this.blank(cursor.start(i), cursor.end(last));
    return last + 1;
  }

  /** The first and last token between parentheses, however many there are: `section(("xdp"))`. */
  private insideParentheses(open: number): [first: number, last: number] {
    const { cursor } = this;
    const inner = cursor.is(open + 1, "(") && cursor.closing(open + 1) === cursor.closing(open) - 1;
    return inner ? this.insideParentheses(open + 1) : [open + 1, cursor.closing(open) - 1];
  }

  /** `__uint(type, X)` becomes `int    type[ X]`, `__type(key, T)` becomes `int    key( T)`. */
  private member(i: number, macro: MapMember["macro"]): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    const comma = i + 3;
    if (cursor.kind(i + 2) !== IDENTIFIER || !cursor.is(comma, ",") || !cursor.isClosed(i + 1)) return i + 1;
    const isNumber = macro === "__uint" || macro === "__ulong";
    const end = cursor.end(comma);
    const valueSpan = close > comma + 1 ? cursor.spanOf(comma + 1, close - 1) : { start: end, end };
    this.members.push({
      start: cursor.start(i),
      end: cursor.end(close),
      macro,
      name: cursor.text(i + 2),
      nameSpan: cursor.span(i + 2),
      value: this.source.slice(valueSpan.start, valueSpan.end),
      valueSpan,
    });
    this.replace(cursor.start(i), cursor.end(i + 1), "int");
    this.replace(cursor.start(comma), cursor.end(comma), isNumber ? "[" : "(");
    this.replace(cursor.start(close), cursor.end(close), isNumber ? "]" : ")");
    // `__array(values, u32 (void *))` is a type that the grammar takes for a call.
    const isFunction = cursor.kind(comma + 1) === IDENTIFIER && cursor.is(comma + 2, "(");
    if (macro === "__array" && isFunction) this.blank(cursor.start(comma + 2), cursor.start(close));
    // A nested definition, `__array(values, struct { __uint(…) })`, has islands of its own: go on inside.
    return comma + 1;
  }

  /** Stays as it is: `int BPF_PROG(name, int a)` parses as a declarator. The island says which name is meant. */
  private programMacro(i: number, macro: string): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    if (cursor.kind(i + 2) !== IDENTIFIER || this.isSectionMacro(cursor.text(i + 2))) return i + 1;
    const closed = cursor.isClosed(i + 1);
    const end = closed ? cursor.start(close) : cursor.end(close);
    const hasArgs = cursor.is(i + 3, ",");
    this.programMacros.push({
      start: cursor.start(i),
      end: closed ? cursor.end(close) : end,
      token: i,
      macro,
      name: cursor.text(i + 2),
      nameSpan: cursor.span(i + 2),
      argsSpan: hasArgs ? { start: cursor.end(i + 3), end } : { start: end, end },
    });
    // `BPF_PROG(f) {` without a type in front is C of the oldest kind, which the grammar does not read.
    if (!this.followsType(i))
      this.replace(cursor.start(i), cursor.end(i), `int ${"f".repeat(Math.max(1, macro.length - 4))}`);
    this.parens.push(i + 1);
    return i + 3;
  }

  private followsType(i: number): boolean {
    const { cursor } = this;
    return cursor.kind(i - 1) === IDENTIFIER || cursor.is(i - 1, "*");
  }

  private attribute(from: number, to: number, word: string): number {
    const { cursor } = this;
    const span = cursor.spanOf(from, to);
    this.attributes.push({ ...span, word });
    this.blank(span.start, span.end);
    return to + 1;
  }

  /** Operands of inline assembly are no C expressions: only the first string stays. */
  private asm(i: number): number {
    const { cursor } = this;
    this.atStart = false;
    let open = i + 1;
    while (cursor.kind(open) === IDENTIFIER) open++;
    if (!cursor.is(open, "(")) return i + 1;
    const close = cursor.closing(open);
    if (!cursor.isClosed(open)) return open + 1;
    // Begins at the first token, so that a line break before it stays.
    const start = cursor.start(open + 1);
    const fits = cursor.start(close) - start >= 2 && !/[\r\n]/.test(this.source.slice(start, start + 2));
    if (fits) this.replace(start, cursor.start(close), '""');
    return close + 1;
  }

  /** `u64 :64;` is C that the grammar does not know; `u64 _64;` is as good. */
  private unnamedBitField(i: number): number {
    const { cursor } = this;
    const isField = cursor.kind(i + 2) === NUMBER && cursor.is(i + 3, ";") && this.blocks.length > 0;
    const isWhole = cursor.is(i - 1, ";") || cursor.is(i - 1, "{") || TYPE_WORDS.has(cursor.text(i));
    if (isField && isWhole) this.replace(cursor.start(i + 1), cursor.end(i + 2), `_${cursor.text(i + 2)}`);
    return i + 1;
  }

  /** `__pragma_loop_unroll for (…)`: a name directly before a statement is a macro, and may be one itself. */
  private wordInFunction(i: number, word: string): number {
    const { cursor } = this;
    if (!this.startsStatement(i) || STATEMENT_KEYWORDS.has(word) || word === "goto") return i + 1;
    const beforeStatement = cursor.kind(i + 1) === IDENTIFIER && STATEMENT_WORDS.has(cursor.text(i + 1));
    const beforeLabel = cursor.kind(i + 1) === IDENTIFIER && cursor.is(i + 2, ":");
    if (!beforeStatement && !beforeLabel && !this.macros.isStatement(word)) return i + 1;
    this.afterMacro = i + 1;
    return this.attribute(i, i, word);
  }

  private callInFunction(i: number, word: string): number {
    const { cursor } = this;
    if (SIZEOF_LIKE.has(word)) return this.operatorOnType(i, word);
    if (STATEMENT_KEYWORDS.has(word)) return i + 1;
    this.call(i, word);
    const close = cursor.closing(i + 1);
    if (!cursor.isClosed(i + 1)) return i + 1;
    if (this.startsStatement(i) && word.length >= 2) this.statementMacro(i, close, word);
    this.arguments(i + 1, close);
    return i + 1;
  }

  private call(i: number, name: string): void {
    const { cursor } = this;
    // `ops->init(x)` calls what a field holds, and who knows what that is.
    if (cursor.is(i - 1, ".") || (cursor.is(i - 1, ">") && cursor.is(i - 2, "-"))) return;
    const lastToken = cursor.closing(i + 1);
    const closed = cursor.isClosed(i + 1);
    this.calls.push({ start: cursor.start(i), end: cursor.end(lastToken), name, token: i, lastToken, closed });
  }

  /** `typeof(x) y` and `offsetof(struct s, a.b)` are more than the grammar reads, and hold no calls. */
  private operatorOnType(i: number, word: string): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    if (!cursor.isClosed(i + 1) || word === "sizeof" || /align/i.test(word)) return i + 1;
    const isArgument = cursor.is(i - 1, ",") || (cursor.is(i - 1, "(") && cursor.kind(i - 2) === IDENTIFIER);
    const isType = word.includes("typeof") && !(isArgument && /^[,)]$/.test(cursor.text(close + 1)));
    this.replace(cursor.start(i), cursor.end(close), isType ? "int" : "0");
    return close + 1;
  }

  /** No C expression is followed by a block or another word: this is a macro such as `bpf_for`, or has its own `;`. */
  private statementMacro(i: number, close: number, word: string): void {
    const { cursor } = this;
    const next = close + 1;
    const commas = LOOP_MACROS.has(word) ? cursor.commas(i + 1, close) : [];
    if (word === "bpf_for" && commas.length === 2) {
      this.replace(cursor.start(i), cursor.end(i), "for".padStart(word.length));
      for (const comma of commas) this.replace(cursor.start(comma), cursor.end(comma), ";");
    } else if (
      LOOP_MACROS.has(word) ||
      cursor.is(next, "{") ||
      cursor.kind(next) === IDENTIFIER ||
      cursor.is(next, "*")
    ) {
      this.replace(cursor.start(i), cursor.end(i), (word.length >= 5 ? "while" : "if").padStart(word.length));
    } else if (cursor.is(next, "}")) {
      this.blank(cursor.start(i), cursor.end(close));
    }
  }

  /** A word before it makes it a declaration, `int f() {`. */
  private startsStatement(i: number): boolean {
    const { cursor } = this;
    if (i === this.afterMacro) return true;
    if (cursor.kind(i - 1) === IDENTIFIER) return /^(?:else|do)$/.test(cursor.text(i - 1));
    if (cursor.is(i - 1, ")")) return isLoop(cursor.text(this.lastOpen - 1));
    return cursor.is(i - 1, ";") || cursor.is(i - 1, "{") || cursor.is(i - 1, "}") || cursor.is(i - 1, ":");
  }

  /** Arguments that are no expressions: types, operators, members. */
  private arguments(open: number, close: number): void {
    const { cursor } = this;
    const bounds = [open, ...cursor.commas(open, close), close];
    for (let n = 0; n + 1 < bounds.length; n++) {
      const first = (bounds[n] ?? open) + 1;
      const last = (bounds[n + 1] ?? close) - 1;
      if (last >= first) this.argument(first, last);
    }
  }

  private argument(first: number, last: number): void {
    const { cursor } = this;
    if (cursor.is(last, ";")) this.blank(cursor.start(last), cursor.end(last));
    let i = first;
    while (i < last && /^(?:const|volatile)$/.test(cursor.text(i))) i++;
    if (TAG_KEYWORDS.has(cursor.text(i)) && i < last) this.typeArgument(first, i, last);
    else if (i > first && i === last) this.blank(cursor.start(first), cursor.end(i - 1));
    else if (TYPE_WORDS.has(cursor.text(i)) || cursor.is(i, "{"))
      this.replace(cursor.start(first), cursor.end(last), "0");
    else if (cursor.is(first, ".")) this.blank(cursor.start(first), cursor.end(first));
    else if (cursor.is(first, "[")) this.indexArgument(first);
    else if (this.isOperator(first, last)) this.replace(cursor.start(first), cursor.end(last), "0");
  }

  /** `bpf_core_type_size(struct x)` becomes a name, `bpf_obj_new(struct { … })` nothing. */
  private typeArgument(first: number, tag: number, last: number): void {
    const { cursor } = this;
    const named = cursor.kind(tag + 1) === IDENTIFIER;
    for (let i = tag + 2; i <= last; i++) if (!cursor.is(i, "*") && named) return;
    if (!named && !cursor.is(tag + 1, "{")) return;
    this.blank(cursor.start(first), named ? cursor.end(tag) : cursor.end(last));
    if (named && last > tag + 1) this.blank(cursor.start(tag + 2), cursor.end(last));
  }

  /** `MEMBER_VPTR(array, [i].field)`. */
  private indexArgument(first: number): void {
    const { cursor } = this;
    const close = cursor.closing(first);
    this.replace(cursor.start(first), cursor.end(first), "(");
    if (cursor.is(close, "]")) this.replace(cursor.start(close), cursor.end(close), ")");
  }

  /** `bpf_cmp_likely(a, >=, b)`. */
  private isOperator(first: number, last: number): boolean {
    const { cursor } = this;
    for (let i = first; i <= last; i++) if (!"<>=!+-*/%&|^".includes(cursor.text(i))) return false;
    return cursor.end(last) - cursor.start(first) <= 3 && cursor.kind(first) === PUNCTUATION;
  }

  /** A macro call where a declaration begins: it makes one, is the head of one, or is nothing to the grammar. */
  private callAtStart(i: number, word: string): number {
    const { cursor } = this;
    const close = cursor.closing(i + 1);
    const isPointer = cursor.is(i + 2, "*");
    if (!cursor.isClosed(i + 1) || isPointer || STATEMENT_KEYWORDS.has(word) || TYPE_WORDS.has(word)) {
      this.atStart = false;
      return i + 1;
    }
    if (SIZEOF_LIKE.has(word)) {
      this.atStart = false;
      return this.operatorOnType(i, word);
    }
    this.expansion(i, close, word);
    if (cursor.is(close + 1, "{")) {
      // The head of a function: its body is read as any other.
      this.blank(cursor.start(i), cursor.end(close));
      this.atStart = false;
      this.lastOpen = i + 1;
      return close + 1;
    }
    if (cursor.is(close + 1, "(")) {
      // `PROG(x)(struct xdp_md *ctx) {`: the macro gives type and name.
      this.replace(cursor.start(i), cursor.end(close), "int f");
      this.atStart = false;
      return close + 1;
    }
    this.blank(cursor.start(i), cursor.end(close));
    return close + 1;
  }

  private expansion(i: number, close: number, macro: string): void {
    const { cursor, source, macros } = this;
    const args = argumentsOf(cursor, source, i + 1);
    const bounds = [i + 1, ...cursor.commas(i + 1, close), close];
    const argSpans = bounds.slice(1).flatMap((end, n) => {
      const first = (bounds[n] ?? i + 1) + 1;
      return end > first ? [cursor.spanOf(first, end - 1)] : [];
    });
    const here = macros.at(cursor.start(i));
    const makes = here.makesDeclaration(macro) || here.defines.get(macro)?.body.includes("{") === true;
    const text = makes ? expandCall(here, macro, args) : undefined;
    this.expansions.push({ ...cursor.spanOf(i, close), token: i, lastToken: close, macro, args, argSpans, text });
  }

  /** Outside of functions: initialisers, bounds of arrays, bodies of enumerations. */
  private callOutside(i: number, word: string): number {
    const { cursor } = this;
    if (SIZEOF_LIKE.has(word)) return this.operatorOnType(i, word);
    if (STATEMENT_KEYWORDS.has(word) || TYPE_WORDS.has(word)) return i + 1;
    const close = cursor.closing(i + 1);
    if (!cursor.isClosed(i + 1)) return i + 1;
    const follows = cursor.kind(i - 1) === IDENTIFIER || cursor.is(i - 1, "*");
    const startsItem = cursor.is(i - 1, "{") || cursor.is(i - 1, ";") || cursor.is(i - 1, ",");
    if (this.blocks.length > 0 && startsItem && !cursor.is(i + 2, "*")) {
      // A field, or several enumerators, made by a macro.
      const isField = cursor.is(close + 1, ";") && !cursor.is(i - 1, ",");
      if (isField) this.blank(cursor.start(i), cursor.end(close + 1));
      else if (cursor.kind(close + 1) === IDENTIFIER) this.blank(cursor.start(i), cursor.end(close));
    }
    // At the top a name before a parenthesis declares a function, unless an expression has begun.
    const isExpression = this.blocks.length > 0 || this.parens.length > 0 || this.inInitialiser;
    if (!follows && isExpression) this.arguments(i + 1, close);
    return i + 1;
  }

  /** Puts `text`, padded with blanks, in the place of `start`–`end`. */
  private replace(start: number, end: number, text: string): void {
    if (end - start >= text.length) this.edits.push({ start, end, text });
  }

  blank(start: number, end: number): void {
    this.replace(start, end, "");
  }
}

/** `__msg`, `__arch_x86_64`: a name of an attribute rather than of a type. */
function isUnderscored(word: string): boolean {
  return word.startsWith("__") && !UNDERSCORE_TYPE.test(word) && !/^__attribute|_t$/.test(word);
}

function isLoop(word: string): boolean {
  return LOOP_KEYWORDS.has(word) || LOOP_MACROS.has(word);
}

interface Edit extends Span {
  readonly text: string;
}

const LINE_BREAKS = /[^\r\n]/g;

export function blankOf(source: string, start: number, end: number): string {
  const text = source.slice(start, end);
  return text.includes("\n") || text.includes("\r") ? text.replace(LINE_BREAKS, " ") : " ".repeat(text.length);
}
