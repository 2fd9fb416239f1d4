/**
 * The outline of a file, read from the tokens alone: its functions and variables with their sections.
 *
 * A text skeleton survives half-typed lines better than any tree does, so the model takes what exists from here and
 * only the insides of functions from the tree.
 */

import { type Span, spansWithin } from "../text.ts";
import { type Expansion, type Lowered, lower, type MapMember, type ProgramMacro, type SectionMark } from "./dialect.ts";
import { IDENTIFIER, STRING } from "./tokens.ts";

export interface Outline {
  readonly functions: readonly FunctionOutline[];
  readonly variables: readonly VariableOutline[];
  /** `extern int f(void) __ksym;` and other functions without a body. */
  readonly prototypes: readonly PrototypeOutline[];
}

interface Declared extends Span {
  readonly name: string;
  readonly nameSpan: Span;
}

/** A function with a body. */
export interface FunctionOutline extends Declared {
  readonly section: SectionMark | undefined;
  readonly bodySpan: Span;
  /** Parameters as written, without their parentheses; those of a program macro without the function's name. */
  readonly params: string;
  readonly macro: string | undefined;
  readonly isStatic: boolean;
}

export interface PrototypeOutline extends Declared {
  readonly isKsym: boolean;
  readonly isWeak: boolean;
}

/** A variable at the top: a map, the licence, a global. */
export interface VariableOutline extends Declared {
  readonly section: SectionMark | undefined;
  /** The words before the name: `const volatile struct x`. */
  readonly type: string;
  /** What stands behind the name: `[16][4]`. */
  readonly bounds: string;
  /** The map attributes of its type when that is spelt out on the spot, `struct { … } name SEC(".maps")`. */
  readonly members: readonly MapMember[];
  /** Its initialiser when that is a string, as for the licence. */
  readonly string: { readonly text: string; readonly span: Span } | undefined;
  /** The text behind `=`. */
  readonly initialiser: string | undefined;
  /** `__kconfig`, `__ksym` and the like. */
  readonly attributes: readonly string[];
}

export function outlineOf(lowered: Lowered): Outline {
  const strict = new Reader(lowered, false);
  strict.run();
  if (strict.balanced) return strict.outline;
  // Something is half typed. Trust the habit that top-level declarations begin in the first column.
  const tolerant = new Reader(lowered, true);
  tolerant.run();
  return tolerant.outline;
}

/** The one function that the tokens from `first` to before `end` make; undefined where they make anything else. */
export function outlineOfFunction(lowered: Lowered, first: number, end: number): FunctionOutline | undefined {
  const reader = new Reader(lowered, false);
  const isWhole = reader.run(first, end);
  const { functions, variables, prototypes, balanced } = reader;
  const isAlone = isWhole && balanced && functions.length === 1 && variables.length === 0 && prototypes.length === 0;
  return isAlone ? functions[0] : undefined;
}

const TOP_LEVEL_WORDS = new Set(
  "static extern struct union enum typedef const volatile int char void long unsigned bool SEC".split(" "),
);

/** One pass over the top-level declarations. A class because it carries the token position through small steps. */
class Reader {
  readonly functions: FunctionOutline[] = [];
  readonly variables: VariableOutline[] = [];
  readonly prototypes: PrototypeOutline[] = [];
  balanced = true;
  private readonly lowered: Lowered;
  private readonly tolerant: boolean;
  private readonly sectionAt: Map<number, SectionMark>;
  private readonly macroAt: Map<number, ProgramMacro>;
  private readonly expansionAt: Map<number, Expansion>;
  private at = 0;

  constructor(lowered: Lowered, tolerant: boolean) {
    const { sections, programMacros, expansions } = lowered.islands;
    this.lowered = lowered;
    this.tolerant = tolerant;
    this.sectionAt = new Map(sections.map((mark) => [mark.token, mark]));
    this.macroAt = new Map(programMacros.map((macro) => [macro.token, macro]));
    this.expansionAt = new Map(expansions.map((expansion) => [expansion.token, expansion]));
  }

  get outline(): Outline {
    const { functions, variables, prototypes } = this;
    return { functions, variables, prototypes };
  }

  /** @returns whether the last declaration ends where it should */
  run(first = 0, end = this.lowered.cursor.count): boolean {
    this.at = first;
    while (this.at < end) this.declaration();
    return this.at === end;
  }

  /** Reads from `at` to the end of one declaration: its `;`, or the `}` of a function's body. */
  private declaration(): void {
    const head: Head = newHead(this.at);
    let goesOn = true;
    while (goesOn && this.at < this.lowered.cursor.count) goesOn = this.step(head);
  }

  /** Takes in what stands at `at`; false at the end of the declaration. */
  private step(head: Head): boolean {
    const { cursor } = this.lowered;
    const i = this.at;
    const mark = this.sectionAt.get(i);
    if (mark !== undefined) return this.section(mark, head);
    const expansion = this.expansionAt.get(i);
    if (expansion !== undefined) return this.expansion(expansion, head);
    if (cursor.is(i, "(")) return this.parentheses(i, head);
    if (cursor.is(i, "{")) return this.braces(i, head);
    if (cursor.is(i, "[")) {
      this.at = cursor.closing(i) + 1;
      return true;
    }
    if (cursor.is(i, ";")) {
      this.at++;
      this.withoutBody(head);
      return false;
    }
    return this.word(i, head);
  }

  private section(mark: SectionMark, head: Head): boolean {
    const i = mark.token;
    // A macro call without a semicolon, or something half typed, stands before this declaration.
    const isNew = head.open !== undefined || (this.tolerant && !this.lowered.cursor.is(i - 1, "}"));
    if (i > head.first && this.lowered.cursor.startsLine(i) && isNew) return false;
    head.sections.push(mark);
    this.at = mark.lastToken + 1;
    return true;
  }

  /** A macro call makes declarations of its own, or is the head of the function whose body follows. */
  private expansion(expansion: Expansion, head: Head): boolean {
    const { cursor } = this.lowered;
    const next = expansion.lastToken + 1;
    this.at = next;
    if (!cursor.is(next, "{") && !cursor.is(next, "(")) {
      this.adopt(expansion, head.sections.at(-1));
      if (cursor.is(next, ";")) this.at++;
      return false;
    }
    head.expansion = expansion;
    head.open = expansion.token + 1;
    head.close = expansion.lastToken;
    if (cursor.is(next, "(")) {
      head.open = next;
      head.close = cursor.closing(next);
      this.at = head.close + 1;
    }
    return true;
  }

  /** What a macro call makes stands, for the reader of the file, where the call stands. */
  private adopt(expansion: Expansion, above: SectionMark | undefined): void {
    // The semicolon that ends the last declaration often stands behind the call.
    const made = expansion.text === undefined ? undefined : this.outlineOfText(`${expansion.text};`, expansion.macro);
    if (made === undefined) return;
    const place = { start: expansion.start, end: expansion.end };
    for (const fn of made.functions) {
      const moved = relocated(fn, expansion);
      // `SEC("kprobe/x")` above a macro that makes the function.
      const section = moved.section ?? (fn === made.functions[0] ? above : undefined);
      this.functions.push({ ...fn, ...moved, section, bodySpan: place });
    }
    for (const variable of made.variables) {
      const members = variable.members.map((m) => ({ ...m, ...place, nameSpan: place, valueSpan: place }));
      const string = variable.string && { ...variable.string, span: place };
      this.variables.push({ ...variable, ...relocated(variable, expansion), members, string });
    }
  }

  /** What a macro stands for may name the macro again, which then stands for itself, as in C. */
  private outlineOfText(text: string, macro: string): Outline {
    const { defines } = this.lowered.macros;
    return outlineOf(lower(text, { get: (name) => (name === macro ? undefined : defines.get(name)) }));
  }

  private braces(i: number, head: Head): boolean {
    const { cursor } = this.lowered;
    const end = this.blockEnd(i);
    this.at = end + 1;
    if (head.open !== undefined && !head.afterEquals) {
      this.func(head, i, end);
      return false;
    }
    if (!head.afterEquals) head.body = { start: cursor.start(i), end: cursor.end(end) };
    return true;
  }

  private word(i: number, head: Head): boolean {
    const { cursor } = this.lowered;
    if (cursor.is(i, "}") || cursor.is(i, ")") || cursor.is(i, "]")) this.balanced = false;
    if (cursor.is(i, "=")) {
      head.equals ??= i;
      head.afterEquals = true;
    } else if (head.afterEquals && cursor.kind(i) === STRING) {
      head.string ??= i;
    }
    if (this.tolerant && i > head.first && this.startsDeclaration(i) && this.endsBefore(i)) return false;
    this.at++;
    return true;
  }

  private parentheses(i: number, head: Head): boolean {
    const { cursor } = this.lowered;
    const close = cursor.closing(i);
    if (!cursor.isClosed(i)) this.balanced = false;
    const macro = this.macroAt.get(i - 1);
    const isDeclarator = cursor.kind(i - 1) === IDENTIFIER && (macro !== undefined || this.isVisible(i - 1));
    if (!head.afterEquals && isDeclarator && head.open === undefined) {
      head.open = i;
      head.close = close;
      head.macro = macro;
    }
    const next = this.tolerant ? this.firstDeclarationBetween(i, close) : undefined;
    this.at = next ?? close + 1;
    return true;
  }

  /** The word still stands in the lowered text, so it is no attribute. */
  private isVisible(i: number): boolean {
    const start = this.lowered.cursor.start(i);
    return this.lowered.text.charCodeAt(start) === this.lowered.source.charCodeAt(start);
  }

  private blockEnd(open: number): number {
    const { cursor } = this.lowered;
    const close = cursor.closing(open);
    if (!cursor.isClosed(open)) this.balanced = false;
    if (!this.tolerant) return close;
    const next = this.firstDeclarationBetween(open, close);
    return next === undefined ? close : next - 1;
  }

  /** In a broken file a bracket may have swallowed the declarations after it. */
  private firstDeclarationBetween(open: number, close: number): number | undefined {
    for (let i = open + 1; i <= close; i++) {
      if (this.sectionAt.has(i) ? this.lowered.cursor.startsLine(i) : this.startsDeclaration(i)) return i;
    }
    return undefined;
  }

  private startsDeclaration(i: number): boolean {
    const { cursor } = this.lowered;
    if (cursor.kind(i) !== IDENTIFIER || !this.lowered.cursor.startsLine(i)) return false;
    return TOP_LEVEL_WORDS.has(cursor.text(i)) || this.lowered.macros.makesDeclaration(cursor.text(i));
  }

  /** `SEC("x")` and `static` may stand on a line of their own above; a loose `(` or `->` may not. */
  private endsBefore(i: number): boolean {
    return this.lowered.cursor.kind(i - 1) !== IDENTIFIER && this.isVisible(i - 1);
  }

  private func(head: Head, bodyOpen: number, bodyClose: number): void {
    const { cursor } = this.lowered;
    const open = head.open ?? bodyOpen;
    const from = head.expansion === undefined ? this.headOf(head, open) : this.expandedHead(head, head.expansion);
    this.functions.push({
      start: cursor.start(head.first),
      end: cursor.end(bodyClose),
      name: from.name,
      nameSpan: from.nameSpan,
      macro: from.macro,
      params: from.params,
      // A half-typed section above leaves two: the nearer one is meant.
      section: head.sections.at(-1) ?? from.section,
      bodySpan: cursor.spanOf(bodyOpen, bodyClose),
      isStatic: from.isStatic || this.hasWord(head.first, open, "static"),
    });
  }

  private headOf({ macro, close }: Head, open: number) {
    const { cursor, source } = this.lowered;
    const inside = macro?.argsSpan ?? { start: cursor.end(open), end: cursor.start(close) };
    return {
      name: macro?.name ?? cursor.text(open - 1),
      nameSpan: macro?.nameSpan ?? cursor.span(open - 1),
      macro: macro?.macro,
      params: source.slice(inside.start, Math.max(inside.start, inside.end)).trim(),
      section: macro && impliedSection(macro),
      isStatic: false,
    };
  }

  /** A function whose head is a macro of the project's: named by what it expands to, or else by its first argument. */
  private expandedHead(head: Head, expansion: Expansion) {
    const { cursor, source } = this.lowered;
    const params =
      head.open === expansion.token + 1 ? "" : source.slice(cursor.start(head.open ?? 0), cursor.end(head.close));
    const made =
      expansion.text === undefined ? undefined : this.outlineOfText(`${expansion.text}${params} {}`, expansion.macro);
    const fn = made?.functions[0];
    if (fn !== undefined) return { ...fn, ...relocated(fn, expansion) };
    const [name = ""] = expansion.args;
    return {
      name: name === "" ? expansion.macro : name,
      nameSpan: (name === "" ? undefined : expansion.argSpans[0]) ?? cursor.span(expansion.token),
      macro: expansion.macro,
      params: params.replace(/^\(|\)$/g, ""),
      section: undefined,
      isStatic: false,
    };
  }

  private hasWord(from: number, to: number, word: string): boolean {
    for (let i = from; i < to; i++) if (this.lowered.cursor.text(i) === word) return true;
    return false;
  }

  /** A declaration that ends in `;`. */
  private withoutBody(head: Head): void {
    const { cursor } = this.lowered;
    if (cursor.text(head.first) === "typedef") return;
    if (head.open === undefined) this.variable(head);
    else if (head.equals === undefined) this.prototype(head, head.open);
    else for (const section of head.sections) this.declared(head, section, this.nameFor(section, head.first));
  }

  private prototype(head: Head, open: number): void {
    const { cursor } = this.lowered;
    const attributes = this.attributesIn(head);
    this.prototypes.push({
      start: cursor.start(head.first),
      end: cursor.end(this.at - 1),
      name: cursor.text(open - 1),
      nameSpan: cursor.span(open - 1),
      isKsym: attributes.includes("__ksym"),
      isWeak: attributes.includes("__weak"),
    });
  }

  /** `… name SEC("x") = …, name2 SEC("x");` declares as many as there are sections. */
  private variable(head: Head): void {
    if (head.sections.length === 0) {
      const end = this.declaratorEnd(head.first);
      const first = this.lastWord(head.first, end);
      this.declared(head, undefined, first);
      if (first !== undefined) this.others(head, first, this.valueEnd(end));
      return;
    }
    for (const section of head.sections) this.declared(head, section, this.nameFor(section, head.first));
  }

  /** `int a[5], *b = 0, c;`: those behind the first. */
  private others(head: Head, first: number, from: number): void {
    const { cursor } = this.lowered;
    for (let at = from; cursor.is(at, ","); ) {
      const end = this.declaratorEnd(at + 1);
      const nameAt = this.lastWord(at + 1, end);
      if (nameAt === undefined) return;
      const stars = "*".repeat(this.count(at + 1, nameAt, "*"));
      const type = `${this.typeBefore(head, first).replace(/[\s*]+$/, "")}${stars && ` ${stars}`}`;
      this.declared(head, undefined, nameAt, type);
      at = this.valueEnd(end);
    }
  }

  private count(from: number, to: number, text: string): number {
    let found = 0;
    for (let i = from; i < to; i++) if (this.lowered.cursor.is(i, text)) found++;
    return found;
  }

  /** Behind the value that a declarator is given, where one is. */
  private valueEnd(equals: number): number {
    const { cursor } = this.lowered;
    let i = equals;
    if (!cursor.is(i, "=")) return i;
    while (i < this.at && !cursor.is(i, ",") && !cursor.is(i, ";"))
      i = /^[{([]$/.test(cursor.text(i)) ? Math.max(i, cursor.closing(i)) + 1 : i + 1;
    return Math.min(i, this.at);
  }

  private declared(head: Head, section: SectionMark | undefined, nameAt: number | undefined, type?: string): void {
    const { cursor, islands, macros, source } = this.lowered;
    if (nameAt === undefined || (section === undefined && nameAt === head.first)) return;
    const { body, string } = head;
    const end = this.at - 1;
    const equals = section === undefined ? this.declaratorEnd(nameAt) : head.equals;
    const behind = section === undefined ? this.valueEnd(equals ?? end) : end;
    this.variables.push({
      start: cursor.start(head.first),
      end: cursor.end(end),
      name: cursor.text(nameAt),
      nameSpan: cursor.span(nameAt),
      section,
      type: type ?? this.typeBefore(head, nameAt),
      bounds: this.boundsBehind(nameAt),
      members: body === undefined ? [] : outermost(spansWithin(islands.members, body.start, body.end)),
      string:
        string === undefined
          ? undefined
          : { text: macros.textOf(cursor, string, string) ?? "", span: cursor.insideQuotes(string) },
      initialiser:
        equals === undefined || !cursor.is(equals, "=")
          ? undefined
          : source.slice(cursor.end(equals), cursor.start(behind)).trim(),
      attributes: this.attributesIn(head),
    });
  }

  private attributesIn(head: Head): readonly string[] {
    const { cursor, islands } = this.lowered;
    const [start, end] = [cursor.start(head.first), cursor.end(this.at - 1)];
    return spansWithin(islands.attributes, start, end).map(({ word }) => word);
  }

  /** The visible words before a name, with the stars, without a type's body. */
  private typeBefore(head: Head, nameAt: number): string {
    const { cursor } = this.lowered;
    const words: string[] = [];
    for (let i = head.first; i < nameAt; i++) {
      if (cursor.is(i, "{")) {
        words.push("{}");
        i = cursor.closing(i);
      } else if (this.isVisible(i) && (cursor.kind(i) === IDENTIFIER || cursor.is(i, "*"))) {
        words.push(cursor.text(i));
      }
    }
    return words.join(" ");
  }

  private boundsBehind(nameAt: number): string {
    const { cursor } = this.lowered;
    let last = nameAt;
    while (cursor.is(last + 1, "[") && cursor.closing(last + 1) > last + 1) last = cursor.closing(last + 1);
    return last === nameAt ? "" : cursor.textOf(nameAt + 1, last);
  }

  /** The declared name: the last word before the section, or, in `SEC("x") int name = …`, before what ends the declarator. */
  private nameFor(section: SectionMark, first: number): number | undefined {
    const { cursor } = this.lowered;
    const next = section.lastToken + 1;
    const isBefore = cursor.kind(next) !== IDENTIFIER && !cursor.is(next, "*");
    return this.lastWord(first, isBefore ? section.token : this.declaratorEnd(next));
  }

  private lastWord(first: number, end: number): number | undefined {
    const { cursor } = this.lowered;
    let depth = 0;
    for (let i = end - 1; i >= first; i--) {
      if (cursor.is(i, "]")) depth++;
      else if (cursor.is(i, "[")) depth--;
      else if (depth === 0 && cursor.kind(i) === IDENTIFIER && this.isVisible(i)) return i;
      else if (depth === 0 && cursor.is(i, "}")) return undefined;
    }
    return undefined;
  }

  private declaratorEnd(from: number): number {
    const { cursor } = this.lowered;
    let i = from;
    while (i < this.at && !cursor.is(i, "=") && !cursor.is(i, ",") && !cursor.is(i, ";")) {
      i = cursor.is(i, "{") || cursor.is(i, "(") ? Math.max(i, cursor.closing(i)) + 1 : i + 1;
    }
    return Math.min(i, this.at);
  }
}

/** The members of an inner map definition belong to that one. */
export function outermost<T extends Span>(members: readonly T[]): readonly T[] {
  let end = -1;
  return members.filter((member) => {
    if (member.start < end) return false;
    end = member.end;
    return true;
  });
}

/** `BPF_STRUCT_OPS(name, …)` brings its section along, by the same name in every project that defines it. */
function impliedSection({ macro, name, nameSpan, token, start, end }: ProgramMacro): SectionMark | undefined {
  const prefix =
    macro === "BPF_STRUCT_OPS" ? "struct_ops/" : macro === "BPF_STRUCT_OPS_SLEEPABLE" ? "struct_ops.s/" : undefined;
  return prefix === undefined ? undefined : { start, end, token, lastToken: token, name: `${prefix}${name}`, nameSpan };
}

/** A name that an argument of the call spells out is found there. */
function relocated(declared: Declared & { readonly section: SectionMark | undefined }, expansion: Expansion) {
  const place = { start: expansion.start, end: expansion.end };
  const named = expansion.args.indexOf(declared.name);
  const { token, lastToken } = expansion;
  return {
    ...place,
    nameSpan: expansion.argSpans[named] ?? place,
    section: declared.section && { ...declared.section, ...place, token, lastToken, nameSpan: place },
  };
}

interface Head {
  readonly first: number;
  readonly sections: SectionMark[];
  open: number | undefined;
  close: number;
  macro: ProgramMacro | undefined;
  expansion: Expansion | undefined;
  body: Span | undefined;
  string: number | undefined;
  equals: number | undefined;
  afterEquals: boolean;
}

function newHead(first: number): Head {
  return {
    first,
    sections: [],
    open: undefined,
    close: -1,
    macro: undefined,
    expansion: undefined,
    body: undefined,
    string: undefined,
    equals: undefined,
    afterEquals: false,
  };
}
