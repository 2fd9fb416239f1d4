/**
 * The outline of a file, read from the tokens alone: its functions and variables with their sections.
 *
 * A text skeleton survives half-typed lines better than any tree does, so the model takes what exists from here and
 * only the insides of functions from the tree.
 */

import type { Span } from "../text.ts";
import type { Lowered, MapMember, ProgramMacro, SectionMark } from "./dialect.ts";
import { IDENTIFIER, STRING } from "./tokens.ts";

export interface Outline {
  readonly functions: readonly FunctionOutline[];
  readonly variables: readonly VariableOutline[];
}

interface Declared extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly section: SectionMark | undefined;
}

/** A function with a body. */
export interface FunctionOutline extends Declared {
  readonly bodySpan: Span;
  readonly paramsSpan: Span;
  readonly macro: ProgramMacro | undefined;
  readonly isStatic: boolean;
}

/** A variable that stands in a section: a map, the licence, a global. */
export interface VariableOutline extends Declared {
  readonly section: SectionMark;
  /** The map attributes of its type when that is spelt out on the spot, `struct { … } name SEC(".maps")`. */
  readonly members: readonly MapMember[];
  /** Its initialiser when that is a string, as for the licence. */
  readonly string: { readonly text: string; readonly span: Span } | undefined;
}

export function outlineOf(lowered: Lowered): Outline {
  const strict = new Reader(lowered, false);
  strict.run();
  if (strict.balanced) return strict;
  // Something is half typed. Trust the habit that top-level declarations begin in the first column.
  const tolerant = new Reader(lowered, true);
  tolerant.run();
  return tolerant;
}

const TOP_LEVEL_WORDS = new Set(
  "static extern struct union enum typedef const volatile int char void long unsigned bool SEC".split(" "),
);

/** One pass over the top-level declarations. A class because it carries the token position through small steps. */
class Reader implements Outline {
  readonly functions: FunctionOutline[] = [];
  readonly variables: VariableOutline[] = [];
  balanced = true;
  private readonly lowered: Lowered;
  private readonly tolerant: boolean;
  private readonly sectionAt: Map<number, SectionMark>;
  private readonly macroAt: Map<number, ProgramMacro>;
  private at = 0;

  constructor(lowered: Lowered, tolerant: boolean) {
    this.lowered = lowered;
    this.tolerant = tolerant;
    this.sectionAt = new Map(lowered.islands.sections.map((mark) => [mark.token, mark]));
    this.macroAt = new Map(lowered.islands.programMacros.map((macro) => [macro.token, macro]));
  }

  run(): void {
    const { cursor } = this.lowered;
    while (this.at < cursor.count) this.declaration();
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
    if (cursor.is(i, "(")) return this.parentheses(i, head);
    if (cursor.is(i, "{")) return this.braces(i, head);
    if (cursor.is(i, "[")) {
      this.at = cursor.closing(i) + 1;
      return true;
    }
    if (cursor.is(i, ";")) {
      this.at++;
      this.variable(head);
      return false;
    }
    return this.word(i, head);
  }

  private section(mark: SectionMark, head: Head): boolean {
    const i = mark.token;
    // A macro call without a semicolon, or something half typed, stands before this declaration.
    const isNew = head.open !== undefined || (this.tolerant && !this.lowered.cursor.is(i - 1, "}"));
    if (i > head.first && this.startsLine(i) && isNew) return false;
    head.sections.push(mark);
    this.at = mark.lastToken + 1;
    return true;
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
    if (cursor.is(i, "=")) head.afterEquals = true;
    else if (head.afterEquals && cursor.kind(i) === STRING) head.string ??= i;
    if (this.tolerant && i > head.first && this.startsDeclaration(i) && this.endsBefore(i)) return false;
    this.at++;
    return true;
  }

  private parentheses(i: number, head: Head): boolean {
    const { cursor } = this.lowered;
    const close = cursor.closing(i);
    if (!cursor.is(close, ")")) this.balanced = false;
    const isDeclarator = cursor.kind(i - 1) === IDENTIFIER && this.isVisible(i - 1);
    if (!head.afterEquals && isDeclarator && head.open === undefined) {
      head.open = i;
      head.close = close;
      head.macro = this.macroAt.get(i - 1);
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
    const closed = cursor.is(close, "}");
    if (!closed) this.balanced = false;
    if (!this.tolerant) return close;
    const next = this.firstDeclarationBetween(open, close);
    return next === undefined ? close : next - 1;
  }

  /** In a broken file a bracket may have swallowed the declarations after it. */
  private firstDeclarationBetween(open: number, close: number): number | undefined {
    for (let i = open + 1; i <= close; i++) {
      if (this.sectionAt.has(i) ? this.startsLine(i) : this.startsDeclaration(i)) return i;
    }
    return undefined;
  }

  private startsDeclaration(i: number): boolean {
    const { cursor } = this.lowered;
    return cursor.kind(i) === IDENTIFIER && this.startsLine(i) && TOP_LEVEL_WORDS.has(cursor.text(i));
  }

  /** `SEC("x")` and `static` may stand on a line of their own above; a loose `(` or `->` may not. */
  private endsBefore(i: number): boolean {
    return this.lowered.cursor.kind(i - 1) !== IDENTIFIER && this.isVisible(i - 1);
  }

  private startsLine(i: number): boolean {
    const { source, cursor } = this.lowered;
    const start = cursor.start(i);
    return start === 0 || source[start - 1] === "\n" || source[start - 1] === "\r";
  }

  private func(head: Head, bodyOpen: number, bodyClose: number): void {
    const { cursor } = this.lowered;
    this.at = bodyClose + 1;
    const open = head.open ?? bodyOpen;
    const name = head.macro ?? { name: cursor.text(open - 1), nameSpan: cursor.span(open - 1) };
    this.functions.push({
      start: cursor.start(head.first),
      end: cursor.end(bodyClose),
      name: name.name,
      nameSpan: name.nameSpan,
      // A half-typed section above leaves two: the nearer one is meant.
      section: head.sections.at(-1),
      macro: head.macro,
      paramsSpan: cursor.spanOf(open, head.close),
      bodySpan: cursor.spanOf(bodyOpen, bodyClose),
      isStatic: this.hasWord(head.first, open, "static"),
    });
  }

  private hasWord(from: number, to: number, word: string): boolean {
    for (let i = from; i < to; i++) if (this.lowered.cursor.text(i) === word) return true;
    return false;
  }

  /** `… name SEC("x") = …, name2 SEC("x");` declares as many as there are sections. */
  private variable(head: Head): void {
    const { cursor, islands } = this.lowered;
    if (head.open !== undefined) return;
    for (const section of head.sections) {
      const nameAt = this.nameFor(section, head.first);
      if (nameAt === undefined) continue;
      const { body, string } = head;
      this.variables.push({
        start: cursor.start(head.first),
        end: cursor.end(this.at - 1),
        name: cursor.text(nameAt),
        nameSpan: cursor.span(nameAt),
        section,
        members: body === undefined ? [] : islands.members.filter((m) => m.start > body.start && m.end < body.end),
        string:
          string === undefined
            ? undefined
            : { text: this.lowered.macros.textOf(cursor, string, string) ?? "", span: cursor.insideQuotes(string) },
      });
    }
  }

  /** The declared name: the last word before the section, or, in `SEC("x") int name = …`, before what ends the declarator. */
  private nameFor(section: SectionMark, first: number): number | undefined {
    const { cursor } = this.lowered;
    const next = section.lastToken + 1;
    const isBefore = cursor.kind(next) !== IDENTIFIER && !cursor.is(next, "*");
    let depth = 0;
    for (let i = (isBefore ? section.token : this.declaratorEnd(next)) - 1; i >= first; i--) {
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
    while (i < this.at && !cursor.is(i, "=") && !cursor.is(i, ",") && !cursor.is(i, ";")) i++;
    return i;
  }
}

interface Head {
  readonly first: number;
  readonly sections: SectionMark[];
  open: number | undefined;
  close: number;
  macro: ProgramMacro | undefined;
  body: Span | undefined;
  string: number | undefined;
  afterEquals: boolean;
}

function newHead(first: number): Head {
  return {
    first,
    sections: [],
    open: undefined,
    close: -1,
    macro: undefined,
    body: undefined,
    string: undefined,
    afterEquals: false,
  };
}
