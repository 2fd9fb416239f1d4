/** Reads what a function does: its body as statements and expressions, from tokens alone, however it is typed. */

import type { Assembly, Block, Body, Declaration, Expression, If, Label, Statement } from "../flow/tree.ts";
import { rememberedOf } from "../remember.ts";
import type { Span } from "../text.ts";
import { BRANCH_ELIF, BRANCH_ELSE, BRANCH_END, BRANCH_IF, type Word, wordsOfText, wordsWithin } from "./body-words.ts";
import { type Lowered, lower } from "./dialect.ts";
import { ASM_WORDS, LOOP_MACROS, STATEMENT_WORDS, TAG_KEYWORDS } from "./dialect-words.ts";
import { ExpressionReader, either, isKeyword, QUALIFIERS, TYPE_START } from "./expressions.ts";
import type { FunctionOutline } from "./outline.ts";
import { IDENTIFIER, STRING } from "./tokens.ts";
import { SCALARS } from "./types.ts";

/**
 * The body of a function. `isType` says which names the file or its headers define as types, for `(x)(y)` and the like;
 * what the kernel's headers define is known.
 *
 * Names are not resolved: whoever walks the tree opens a scope at every block, and at every `for`, except at the blocks of an
 * `If` that the build decides (`built`), which are no scopes in C.
 */
export function readBody(
  lowered: Lowered,
  { name, bodySpan, params }: Pick<FunctionOutline, "name" | "bodySpan" | "params">,
  isType: (name: string) => boolean = () => false,
): Body {
  // A macro that makes whole functions is all that stands there, and often makes many.
  const isMade = lowered.source[bodySpan.start] !== "{";
  const words = isMade ? bodyOf(name, madeWords(lowered, bodySpan)) : wordsWithin(lowered, bodySpan);
  const reader = new BodyReader(lowered.source, words, isType);
  reader.declare(params);
  return { ...reader.body(), ...bodySpan };
}

const usesOf = rememberedOf((_: Lowered) => new Map<number, readonly Word[]>());

function madeWords(lowered: Lowered, use: Span): readonly Word[] {
  const known = usesOf(lowered);
  const words = known.get(use.start) ?? wordsWithin(lowered, use);
  known.set(use.start, words);
  return words;
}

/** From the brace that opens the body of a function up to the one that closes it. */
function bodyOf(name: string, words: readonly Word[]): readonly Word[] {
  const head = words.findIndex((word) => word.text === name);
  const first = words.findIndex((word, i) => i > head && word.text === "{");
  if (head < 0 || first < 0) return [];
  let depth = 0;
  for (let i = first; i < words.length; i++) {
    const text = words[i]?.text;
    if (text === "{") depth++;
    else if (text === "}" && --depth === 0) return words.slice(first, i + 1);
  }
  return words.slice(first);
}

/** An expression that stands for itself. */
export function readExpression(text: string, isType: (name: string) => boolean = () => false): Expression {
  const words = wordsOfText(text, lower("").macros);
  return new BodyReader(text, words, isType).whole();
}

/** How deep statements may stand in one another. */
const MAX_NESTING = 400;

const STORAGE = new Set("static extern register typedef inline __inline __inline__ _Thread_local auto".split(" "));

interface Specifiers {
  readonly type: string;
  readonly isStatic: boolean;
  /** `typedef` and `extern` declare no variable of the function. */
  readonly isForeign: boolean;
  readonly isTypedef: boolean;
  readonly attributes: string[];
}

interface Declarator {
  readonly name: string;
  readonly nameSpan: Span;
  readonly type: string;
  readonly dimensions: readonly (Expression | undefined)[];
  readonly isFunction: boolean;
}

class BodyReader extends ExpressionReader {
  private isWhole = true;
  private nesting = 0;

  /** Parameters hide types of the same name. */
  declare(params: string): void {
    for (const [, name = ""] of params.matchAll(/([A-Za-z_]\w*)\s*(?:\[[^\]]*\]\s*)*(?:,|$)/g)) {
      if (!SCALARS.has(name) && name !== "void") this.declared.add(name);
    }
  }

  body(): Body {
    if (!this.is("{")) return { kind: "block", statements: [], ...this.spanOf(0, this.count), isWhole: false };
    const block = this.block();
    return { ...block, isWhole: this.isWhole && this.at === this.count };
  }

  whole(): Expression {
    const found = this.expression();
    return this.isBroken || this.at < this.count ? this.unknown(0, this.count) : found;
  }

  protected override block(): Block {
    const first = this.at;
    this.at++;
    const statements: Statement[] = [];
    this.statementsInto(statements, false);
    if (!this.take("}")) this.isWhole = false;
    return { kind: "block", statements, ...this.spanOf(first, this.at) };
  }

  /** Up to the `}` of the block, or, in a branch of the build's, to the line that ends it. */
  private statementsInto(found: Statement[], inBranch: boolean): void {
    while (this.at < this.count && !this.is("}")) {
      if (inBranch && this.endsBranch()) return;
      this.statement(found);
    }
  }

  private endsBranch(): boolean {
    const { kind } = this.word(this.at);
    return kind === BRANCH_ELIF || kind === BRANCH_ELSE || kind === BRANCH_END;
  }

  /** Reads one statement; where it cannot, what is unknown goes up to its end. */
  private statement(found: Statement[]): void {
    const first = this.at;
    const before = found.length;
    this.isBroken = false;
    this.chain = 0;
    if (this.nesting >= MAX_NESTING) {
      this.isBroken = true;
    } else {
      this.nesting++;
      this.statementHere(found);
      this.nesting--;
    }
    if (!this.isBroken && this.at > first) return;
    found.length = before;
    this.at = first;
    this.skipStatement();
    this.isBroken = false;
    this.isWhole = false;
    found.push({ kind: "unknown", ...this.spanOf(first, this.at) });
  }

  private skipStatement(): void {
    const first = this.at;
    while (this.at < this.count && !this.is("}")) {
      if (this.at > first && this.word(this.at).kind >= BRANCH_IF && this.word(this.at).kind <= BRANCH_END) return;
      const close = this.closing(this.at);
      const isBlock = this.is("{");
      if (this.take(";")) return;
      this.at = close > this.at ? close + 1 : this.at + 1;
      if (isBlock && close > 0 && !this.is(";") && !this.is(",")) return;
    }
  }

  private statementHere(found: Statement[]): void {
    const first = this.at;
    const word = this.word(first);
    if (word.kind === BRANCH_IF) found.push(this.branches());
    else if (word.text === "{") found.push(this.nestedBlock());
    else if (word.text === ";") found.push({ kind: "empty", ...this.spanOf(first, ++this.at) });
    else if (word.kind === IDENTIFIER) this.wordAtStart(word, found);
    else this.simple(found);
  }

  private nestedBlock(): Block {
    if (this.closing(this.at) < 0) this.isWhole = false;
    return this.block();
  }

  /** `#if A … #elif B … #else … #endif` between statements. */
  private branches(): If {
    const first = this.at;
    const built = this.text(first).slice(1);
    this.at++;
    const chosen = this.branch();
    const { kind } = this.word(this.at);
    let other: Statement | undefined;
    if (kind === BRANCH_ELIF) {
      if (this.nesting < MAX_NESTING) {
        this.nesting++;
        other = this.branches();
        this.nesting--;
      } else {
        this.isBroken = true;
      }
    } else if (kind === BRANCH_ELSE) {
      this.at++;
      other = this.branch();
    }
    // An `#elif` ends with the whole.
    if (kind !== BRANCH_ELIF) {
      if (this.word(this.at).kind === BRANCH_END) this.at++;
      else this.isBroken = true;
    }
    return { kind: "if", test: undefined, built, ...either(chosen, other), ...this.spanOf(first, this.at) };
  }

  private branch(): Block {
    const first = this.at;
    const statements: Statement[] = [];
    this.statementsInto(statements, true);
    return { kind: "block", statements, ...this.spanOf(first, Math.max(first + 1, this.at)) };
  }

  private wordAtStart(word: Word, found: Statement[]): void {
    const first = this.at;
    const { text } = word;
    if (this.text(first + 1) === ":" && !isKeyword(text)) {
      found.push(this.label());
      return;
    }
    switch (text) {
      case "if":
        found.push(this.conditionalStatement());
        return;
      case "for":
        found.push(this.forStatement());
        return;
      case "while":
        this.at++;
        found.push({ kind: "while", test: this.condition(), body: this.one(), ...this.spanOf(first, this.at) });
        return;
      case "do":
        found.push(this.doStatement());
        return;
      case "switch":
        this.at++;
        found.push({ kind: "switch", of: this.condition(), body: this.one(), ...this.spanOf(first, this.at) });
        return;
      case "case":
      case "default":
        found.push(this.caseLabel());
        return;
      case "break":
      case "continue":
        this.at++;
        found.push({ kind: "jump", to: text, label: "", ...this.ended(first) });
        return;
      case "goto":
        found.push(this.gotoStatement());
        return;
      case "return":
        this.at++;
        found.push({ kind: "return", of: this.is(";") ? undefined : this.expression(), ...this.ended(first) });
        return;
      case "cond_break":
      case "cond_break_label":
        found.push(this.condBreak());
        return;
      case "_Static_assert":
      case "static_assert":
      case "__label__":
        while (this.at < this.count && !this.is(";") && !this.is("}")) this.at++;
        found.push({ kind: "empty", ...this.ended(first) });
        return;
      case "_Pragma":
        this.pragma(found);
        return;
    }
    if (ASM_WORDS.has(text)) found.push(this.assembly());
    else if (LOOP_MACROS.has(text) && this.text(first + 1) === "(") found.push(this.each());
    else if (this.isPrefix()) this.prefixed(found);
    else if (this.isDeclaration()) this.declaration(found);
    else this.simple(found);
  }

  /** Says that a statement ends here: with its `;`, which its place includes. */
  private ended(first: number): Span {
    if (!this.take(";")) this.isBroken = true;
    return this.spanOf(first, this.at);
  }

  /** `UNROLL for (…)`: a name directly before a statement is a macro that says how it is compiled. */
  private isPrefix(): boolean {
    const next = this.word(this.at + 1);
    if (this.isAttribute(this.at)) {
      const end = this.attributeEnd(this.at);
      return this.text(end) === ";" || STATEMENT_WORDS.has(this.text(end));
    }
    return next.kind === IDENTIFIER && STATEMENT_WORDS.has(next.text) && next.text !== "else";
  }

  private prefixed(found: Statement[]): void {
    this.at = this.isAttribute(this.at) ? this.attributeEnd(this.at) : this.at + 1;
    this.statement(found);
  }

  private pragma(found: Statement[]): void {
    const close = this.text(this.at + 1) === "(" ? this.closing(this.at + 1) : -1;
    if (close < 0) {
      this.isBroken = true;
      return;
    }
    this.at = close + 1;
    if (this.at < this.count && !this.is("}") && !this.endsBranch()) this.statement(found);
  }

  /** What stands behind `if (…)`: one statement, with the labels before it. */
  private one(): Statement {
    const found: Statement[] = [];
    const first = this.at;
    if (this.isAtEnd() || this.isBroken) {
      this.isBroken = true;
      return { kind: "empty", ...this.spanOf(first, first + 1) };
    }
    do this.statement(found);
    while (isLabel(found.at(-1)) && !this.isAtEnd());
    const [only] = found;
    if (only?.kind === "if" && only.test === undefined && !isEachOne(only)) this.isBroken = true;
    return found.length === 1 && only !== undefined
      ? only
      : { kind: "block", statements: found, ...this.spanOf(first, this.at) };
  }

  private isAtEnd(): boolean {
    return this.at >= this.count || this.is("}") || this.endsBranch();
  }

  /** The expression between the parentheses that should stand here. */
  private condition(): Expression {
    const open = this.at;
    const close = this.is("(") ? this.closing(open) : -1;
    if (close < 0) return this.fail();
    this.at++;
    const found = this.expression();
    const isRead = !this.isBroken && this.at === close;
    this.at = close + 1;
    if (isRead) return found;
    this.isBroken = false;
    this.isWhole = false;
    return this.unknown(open + 1, close);
  }

  private conditionalStatement(): If {
    const first = this.at;
    this.at++;
    const test = this.condition();
    const chosen = this.one();
    const other = !this.isBroken && this.take("else") ? this.one() : undefined;
    return { kind: "if", test, built: undefined, ...either(chosen, other), ...this.spanOf(first, this.at) };
  }

  private doStatement(): Statement {
    const first = this.at;
    this.at++;
    const body = this.one();
    if (!this.take("while")) this.isBroken = true;
    const test = this.condition();
    // A macro often leaves the `;` to its user, who forgets it.
    this.take(";");
    return { kind: "do", body, test, ...this.spanOf(first, this.at) };
  }

  private forStatement(): Statement {
    const first = this.at;
    const open = first + 1;
    const close = this.text(open) === "(" ? this.closing(open) : -1;
    this.at = open + 1;
    if (close < 0) {
      this.isBroken = true;
      return { kind: "empty", ...this.spanOf(first, first + 1) };
    }
    const begin: Statement[] = [];
    if (this.is(";")) this.at++;
    else if (this.isWord(this.at) && this.isDeclaration()) this.declaration(begin);
    else this.simple(begin);
    let test = this.is(";") ? undefined : this.expression();
    if (!this.take(";")) this.isBroken = true;
    let step = this.at === close ? undefined : this.expression();
    if (this.isBroken || this.at !== close) {
      this.isBroken = false;
      this.isWhole = false;
      begin.length = 0;
      test = this.unknown(open + 1, close);
      step = undefined;
    }
    this.at = close + 1;
    return { kind: "for", begin, test, step, body: this.one(), ...this.spanOf(first, this.at) };
  }

  private each(): Statement {
    const first = this.at;
    const macro = this.text(first);
    this.at++;
    if (this.closing(this.at) < 0) this.isBroken = true;
    const { args, texts } = this.isBroken ? { args: [], texts: [] } : this.callArguments();
    return { kind: "each", macro, args, texts, body: this.one(), ...this.spanOf(first, this.at) };
  }

  private caseLabel(): Statement {
    const first = this.at;
    const isDefault = this.text(this.at++) === "default";
    const value = isDefault ? undefined : this.conditional();
    const to = value !== undefined && this.take("...") ? this.conditional() : undefined;
    if (!this.take(":")) this.isBroken = true;
    return { kind: "case", value, to, ...this.spanOf(first, this.at) };
  }

  private label(): Label {
    const first = this.at;
    this.at += 2;
    return { kind: "label", name: this.text(first), ...this.spanOf(first, this.at) };
  }

  private gotoStatement(): Statement {
    const first = this.at;
    const label = this.isWord(first + 1) ? this.text(first + 1) : "";
    if (label === "") this.isBroken = true;
    this.at += 2;
    return { kind: "jump", to: "goto", label, ...this.ended(first) };
  }

  /** The selftests' way out of a loop when it has run for long: nobody knows when. */
  private condBreak(): If {
    const first = this.at;
    const isFar = this.text(first) === "cond_break_label";
    const label = isFar ? this.text(first + 2) : "";
    this.at += isFar ? 4 : 1;
    const span = this.ended(first);
    const test: Expression = { kind: "unknown", names: [], ...span };
    const chosen: Statement = { kind: "jump", to: isFar ? "goto" : "break", label, ...span };
    return { kind: "if", test, built: undefined, ...either(chosen, undefined), ...span };
  }

  private assembly(): Assembly {
    const first = this.at;
    this.at++;
    while (this.isWord(this.at)) this.at++;
    const open = this.at;
    const close = this.is("(") ? this.closing(open) : -1;
    const names = new Set<string>();
    const labels: string[] = [];
    let isBarrier = true;
    let colons = 0;
    for (let i = open + 1; i < close; i++) {
      const { kind, text } = this.word(i);
      if (text === ":") colons++;
      else if (kind === STRING && colons === 0) isBarrier &&= text === '""';
      else if (kind === IDENTIFIER && colons >= 4) labels.push(text);
      // `[name] "r"(…)` names an operand.
      else if (kind === IDENTIFIER && !(this.text(i - 1) === "[" && this.text(i + 1) === "]")) names.add(text);
    }
    if (close < 0) this.isBroken = true;
    this.at = close + 1;
    this.take(";");
    return { kind: "assembly", names: [...names], labels, isBarrier, ...this.spanOf(first, this.at) };
  }

  /** An expression, or what an unknown macro makes of one. */
  private simple(found: Statement[]): void {
    const first = this.at;
    const of = this.expression();
    if (this.isBroken) return;
    if (this.take(";")) {
      found.push({ kind: "expression", of, ...this.spanOf(first, this.at) });
      return;
    }
    if (of.kind !== "call" || this.text(this.at - 1) !== ")") {
      this.isBroken = true;
      return;
    }
    // Nobody knows what a macro does that is defined elsewhere: with a block behind it is mostly a loop.
    this.isWhole = false;
    if (this.is("{")) {
      const { name: macro, args, texts } = of;
      found.push({ kind: "each", macro, args, texts, body: this.one(), ...this.spanOf(first, this.at) });
    } else {
      found.push({ kind: "unknown", ...this.spanOf(first, this.at) });
    }
  }

  private isDeclaration(): boolean {
    const first = this.at;
    const text = this.text(first);
    if (TYPE_START.has(text) || STORAGE.has(text) || this.isAttribute(first)) return true;
    if (text === "__extension__") return TYPE_START.has(this.text(first + 1));
    const next = this.word(first + 1);
    if (next.kind === IDENTIFIER) return !isKeyword(next.text);
    if (next.text === "(") return this.isTypeWord(text) && this.text(first + 2) === "*";
    if (next.text !== "*") return false;
    let i = first + 1;
    while (this.text(i) === "*" || QUALIFIERS.has(this.text(i)) || this.isAttribute(i)) {
      i = this.isAttribute(i) ? this.attributeEnd(i) : i + 1;
    }
    if (!this.isWord(i)) return this.text(i) === "(" && this.isTypeWord(text);
    return AFTER_NAME.has(this.text(i + 1)) || this.isWord(i + 1);
  }

  private declaration(found: Statement[]): void {
    let first = this.at;
    const specifiers = this.specifiers();
    if (this.is(";")) {
      this.at++;
      found.push({ kind: "empty", ...this.spanOf(first, this.at) });
      return;
    }
    for (;;) {
      const declared = this.variable(specifiers);
      if (this.isBroken) return;
      const isLast = !this.is(",");
      if (isLast && !this.take(";")) {
        this.isBroken = true;
        return;
      }
      if (declared === undefined) found.push({ kind: "empty", ...this.spanOf(first, this.at) });
      else found.push({ ...declared, ...this.spanOf(first, this.at) });
      if (isLast) return;
      this.at++;
      first = this.at;
    }
  }

  /** One declarator with its initialiser; undefined for what is no variable of the function. */
  private variable(specifiers: Specifiers): Omit<Declaration, "start" | "end"> | undefined {
    const { type, isStatic, isForeign, isTypedef } = specifiers;
    const attributes = [...specifiers.attributes];
    const declarator = this.declarator(type, attributes);
    this.attributesInto(attributes);
    if (declarator === undefined) {
      this.isBroken = true;
      return undefined;
    }
    const { name, nameSpan, dimensions } = declarator;
    if (isTypedef) this.typedefs.add(name);
    else this.declared.add(name);
    const initialiser = this.take("=") ? this.initialiser() : undefined;
    if (isForeign || declarator.isFunction) return undefined;
    return {
      kind: "declaration",
      name,
      nameSpan,
      type: declarator.type,
      dimensions,
      initialiser,
      isStatic,
      attributes,
    };
  }

  private attributesInto(attributes: string[]): void {
    for (;;) {
      if (ASM_WORDS.has(this.text(this.at)) && this.text(this.at + 1) === "(" && this.closing(this.at + 1) > 0) {
        this.at = this.closing(this.at + 1) + 1;
        continue;
      }
      // `int x __unknown_attribute = 1;`
      const isUnknown = this.isWord(this.at) && !isKeyword(this.text(this.at)) && !this.isAttribute(this.at);
      if (!isUnknown && !this.isAttribute(this.at)) return;
      const close = this.text(this.at + 1) === "(" ? this.closing(this.at + 1) : -1;
      const end = isUnknown && close > 0 ? close + 1 : this.attributeEnd(this.at);
      if (end > this.at + 1) attributes.push(this.spelled(this.at, end));
      this.at = end;
    }
  }

  /** Of a word alone nobody asks. */
  private attributeInto(attributes: string[]): void {
    const end = this.attributeEnd(this.at);
    if (end > this.at + 1) attributes.push(this.spelled(this.at, end));
    this.at = end;
  }

  /** The words before the names. */
  private specifiers(): Specifiers {
    const parts: string[] = [];
    const attributes: string[] = [];
    let isStatic = false;
    let isForeign = false;
    let isTypedef = false;
    /** The name of a type has been read, and a word that could be one but for what follows. */
    let hasType = false;
    let named = -1;
    for (; this.isWord(this.at); ) {
      const text = this.text(this.at);
      if (STORAGE.has(text)) {
        isStatic ||= text === "static";
        isTypedef ||= text === "typedef";
        isForeign ||= text === "typedef" || text === "extern";
        this.at++;
      } else if (text === "__extension__") {
        this.at++;
      } else if (this.isAttribute(this.at)) {
        this.attributeInto(attributes);
      } else if (TYPE_START.has(text)) {
        const first = this.at;
        const isQualifier = QUALIFIERS.has(text) && this.text(first + 1) !== "(";
        // `unknown_attribute int x`.
        if (named >= 0 && !isQualifier) parts.splice(named, 1);
        if (!isQualifier) named = -1;
        this.typeWord();
        parts.push(this.spelledType(first, this.at));
        hasType ||= !isQualifier;
      } else if (!hasType && !isKeyword(text)) {
        named = parts.length;
        hasType = true;
        if (this.isUnknownAttribute()) hasType = false;
        else parts.push(text);
        this.at++;
      } else {
        const next = this.word(this.at + 1);
        // `u32 unknown_attribute x`.
        if (next.kind !== IDENTIFIER || isKeyword(next.text) || this.isAttribute(this.at + 1)) break;
        this.at++;
      }
    }
    return { type: parts.join(" "), isStatic, isForeign, isTypedef, attributes };
  }

  /** `attribute_of_theirs u32 x`: the first of three names, when the second is a type and it is none. */
  private isUnknownAttribute(): boolean {
    const i = this.at;
    if (!this.isWord(i + 1) || this.isTypeWord(this.text(i)) || this.isAttribute(i + 1)) return false;
    return this.isTypeWord(this.text(i + 1)) && (this.isWord(i + 2) || this.text(i + 2) === "*");
  }

  /** `struct x { … }`, `typeof(y)`, `unsigned`. */
  private typeWord(): void {
    const text = this.text(this.at++);
    if (TAG_KEYWORDS.has(text)) {
      while (this.isAttribute(this.at)) this.at = this.attributeEnd(this.at);
      if (this.isWord(this.at)) this.at++;
      if (this.is("{")) this.bracketed();
      return;
    }
    if (this.is("(") && /typeof|___type|_Atomic|__attribute/.test(text)) this.bracketed();
  }

  private bracketed(): void {
    const close = this.closing(this.at);
    if (close < 0) this.isBroken = true;
    else this.at = close + 1;
  }

  /** `*name[4]`, `(*name)(int)`; undefined where no name stands. What says more of the variable goes to `attributes`. */
  private declarator(base: string, attributes: string[]): Declarator | undefined {
    let type = base;
    for (;;) {
      if (this.is("*")) type += type.endsWith("*") ? "*" : " *";
      else if (QUALIFIERS.has(this.text(this.at)) && this.isWord(this.at)) type += ` ${this.text(this.at)}`;
      else if (!this.isAttribute(this.at)) break;
      if (this.isAttribute(this.at)) this.attributeInto(attributes);
      else this.at++;
    }
    if (this.is("(")) return this.nestedDeclarator(type, attributes);
    const word = this.word(this.at);
    if (word.kind !== IDENTIFIER || isKeyword(word.text)) return undefined;
    this.at++;
    const dimensions = this.dimensions();
    const isFunction = this.is("(");
    if (isFunction) this.bracketed();
    return { name: word.text, nameSpan: { start: word.start, end: word.end }, type, dimensions, isFunction };
  }

  /** `(*name[2])(int)`, `(*name)[4]`, `(name)`. */
  private nestedDeclarator(base: string, attributes: string[]): Declarator | undefined {
    if (this.nesting >= MAX_NESTING) return undefined;
    this.nesting++;
    this.at++;
    const inner = this.declarator("", attributes);
    this.nesting--;
    if (!this.take(")") || inner === undefined) return undefined;
    const behind = this.at;
    while ((this.is("(") || this.is("[")) && this.closing(this.at) > 0) this.at = this.closing(this.at) + 1;
    if (inner.type.trim() === "" && behind === this.at) return { ...inner, type: base };
    return { ...inner, type: `${base} (${inner.type.trim()})${this.spelled(behind, this.at)}` };
  }

  private dimensions(): readonly (Expression | undefined)[] {
    const found: (Expression | undefined)[] = [];
    while (this.is("[")) {
      const close = this.closing(this.at);
      if (close < 0) {
        this.isBroken = true;
        return found;
      }
      this.at++;
      found.push(this.at === close ? undefined : this.expression());
      if (this.at !== close) this.isBroken = true;
      this.at = close + 1;
    }
    return found;
  }
}

/** What may follow the name in `type *name`; nothing else would make sense of a product whose value nobody uses. */
const AFTER_NAME = new Set(["=", ";", ",", "[", ")", "("]);

function isLabel(statement: Statement | undefined): boolean {
  return statement?.kind === "label" || statement?.kind === "case";
}

/** Whether each branch of the build's is one statement, as where one must stand. */
function isEachOne({ then: chosen, else: other }: If): boolean {
  const isOne = (branch: Statement | undefined): boolean =>
    branch !== undefined &&
    (branch.kind === "block"
      ? branch.statements.length === 1
      : branch.kind === "if" && branch.test === undefined && isEachOne(branch));
  return isOne(chosen) && isOne(other);
}
