/** Reads C expressions from words: operators by how tightly they bind, casts told from parentheses. */

import type {
  ArithmeticOperator,
  BinaryOperator,
  Block,
  CallExpression,
  Compound,
  Expression,
  List,
  ListItem,
  SizeOf,
  Unary,
  UnknownExpression,
} from "../flow/tree.ts";
import type { Span } from "../text.ts";
import { isLiteral, type Word } from "./body-words.ts";
import { ASM_WORDS, ATTRIBUTE_CALLS, ATTRIBUTE_WORDS, STATEMENT_KEYWORDS, STATEMENT_WORDS } from "./dialect-words.ts";
import { characterValue, numberOf, stringSize } from "./literals.ts";
import { CHARACTER, IDENTIFIER, NUMBER, STRING } from "./tokens.ts";
import { SCALARS } from "./types.ts";

/** How deep parentheses and operators may stand in one another. The stack has an end, for those who walk the tree too. */
const MAX_DEPTH = 150;
/** How many operators may follow one another in one statement: `a + b + c` is a tree as deep as it is long. */
const MAX_CHAIN = 1500;

const END: Word = { kind: 0, text: "", start: 0, end: 0, isMade: false, isFinal: false };

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words that begin a type, whatever follows. */
export const TYPE_START = words(
  `struct union enum void char short int long float double signed unsigned bool _Bool __int128 const volatile typeof
  __typeof__ __typeof typeof_unqual ___type __auto_type __signed__ __const__ __const __volatile__ _Atomic __attribute__ __attribute`,
);
export const QUALIFIERS = words(
  "const volatile restrict __restrict __restrict__ __const __const__ __volatile__ _Atomic",
);
const SIZE_OPERATORS = words(
  `sizeof offsetof __builtin_offsetof _Alignof alignof __alignof__ __alignof __builtin_types_compatible_p
  __builtin_preserve_type_info __builtin_btf_type_id`,
);
/** `likely(x)` is `x`. */
const TRANSPARENT = words("likely unlikely __builtin_expect __builtin_expect_with_probability");

const PRECEDENCE: ReadonlyMap<string, number> = new Map(
  ["||", "&&", "|", "^", "&", "== !=", "< > <= >=", "<< >>", "+ -", "* / %"].flatMap((operators, level) =>
    operators.split(" ").map((operator): [string, number] => [operator, level + 1]),
  ),
);
const ASSIGNMENTS: ReadonlyMap<string, ArithmeticOperator | undefined> = new Map<
  string,
  ArithmeticOperator | undefined
>([
  ["=", undefined],
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["%=", "%"],
  ["&=", "&"],
  ["|=", "|"],
  ["^=", "^"],
  ["<<=", "<<"],
  [">>=", ">>"],
]);
const PREFIXES = words("! - + ~ * &");

/** What `(x)` is when only `x` stands there. */
type Single = "type" | "value" | "unclear";

/**
 * Nothing is ever thrown: what is no expression sets `isBroken`, consumes nothing and is unknown, and who reads the
 * statement sees to where it goes on. A class because every step moves the same position.
 */
export abstract class ExpressionReader {
  protected at = 0;
  protected isBroken = false;
  /** Names declared in the function: they hide types of the same name. */
  protected readonly declared = new Set<string>();
  protected readonly typedefs = new Set<string>();
  /** Operators so far in this statement. */
  protected chain = 0;
  protected readonly source: string;
  private readonly list: readonly Word[];
  private readonly partners: Int32Array;
  private readonly isType: (name: string) => boolean;
  private depth = 0;

  constructor(source: string, list: readonly Word[], isType: (name: string) => boolean) {
    this.source = source;
    this.list = list;
    this.isType = isType;
    this.partners = partnersOf(list);
  }

  /** The block that opens at the word where we are. */
  protected abstract block(): Block;

  protected get count(): number {
    return this.list.length;
  }

  protected word(i: number): Word {
    return this.list[i] ?? END;
  }

  protected text(i: number): string {
    return this.list[i]?.text ?? "";
  }

  protected is(text: string): boolean {
    return this.list[this.at]?.text === text;
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** The word that closes the bracket at `open`, or -1. */
  protected closing(open: number): number {
    return this.partners[open] ?? -1;
  }

  protected isWord(i: number): boolean {
    return this.list[i]?.kind === IDENTIFIER;
  }

  /** The place of words `first` up to, without it, `to`. What a macro made lies where the macro is used. */
  protected spanOf(first: number, to: number): Span {
    const a = this.word(first);
    const b = this.word(Math.max(first, to - 1));
    return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
  }

  protected fail(): UnknownExpression {
    this.isBroken = true;
    return { kind: "unknown", names: [], ...this.spanOf(this.at, this.at + 1) };
  }

  protected unknown(first: number, to: number): UnknownExpression {
    const names = new Set<string>();
    for (let i = first; i < to; i++) if (this.isWord(i)) names.add(this.text(i));
    return { kind: "unknown", names: [...names], ...this.spanOf(first, to) };
  }

  /** Words in one line, as one would write them. */
  protected spelled(first: number, to: number): string {
    let text = "";
    for (let i = first; i < to; i++) {
      const word = this.text(i);
      const isTight = text === "" || /[([.!~*]$|->$/.test(text) || /^(?:[)\],;.[]|->)/.test(word);
      text += (isTight || (word === "(" && this.text(i + 1) !== "*") ? "" : " ") + word;
    }
    return text;
  }

  /** The text between two words as it stands in the file, or as it is made where a macro made it. */
  private writtenBetween(before: number, after: number): string {
    const a = this.word(before);
    const b = this.word(after);
    if (a.isMade || b.isMade || b.start < a.end) return this.spelled(before + 1, after);
    return this.source.slice(a.end, b.start).replace(/\s+/g, " ").trim();
  }

  expression(): Expression {
    const first = this.at;
    let left = this.assignment();
    while (this.is(",") && this.isNextInChain()) left = this.binaryWith(first, ",", left, this.assignment());
    return left;
  }

  protected assignment(): Expression {
    const first = this.at;
    if (this.depth >= MAX_DEPTH) return this.fail();
    this.depth++;
    let found = this.conditional();
    const operator = this.text(this.at);
    if (ASSIGNMENTS.has(operator)) {
      this.at++;
      const right = this.assignment();
      found = {
        kind: "assignment",
        operator: ASSIGNMENTS.get(operator),
        left: found,
        right,
        ...this.spanOf(first, this.at),
      };
    }
    this.depth--;
    return found;
  }

  protected conditional(): Expression {
    const first = this.at;
    const test = this.binary(1);
    if (!this.is("?")) return test;
    if (this.depth >= MAX_DEPTH) return this.fail();
    this.depth++;
    this.at++;
    const chosen = this.is(":") ? undefined : this.expression();
    const other = this.take(":") ? this.conditional() : this.fail();
    this.depth--;
    return { kind: "conditional", test, ...either(chosen, other), ...this.spanOf(first, this.at) };
  }

  private binary(least: number): Expression {
    const first = this.at;
    let left = this.unary();
    for (;;) {
      const operator = this.text(this.at);
      const level = PRECEDENCE.get(operator);
      if (level === undefined || level < least || !this.isNextInChain()) return left;
      left = this.binaryWith(first, operator as BinaryOperator, left, this.binary(level + 1));
    }
  }

  private binaryWith(first: number, operator: BinaryOperator, left: Expression, right: Expression): Expression {
    return { kind: "binary", operator, left, right, ...this.spanOf(first, this.at) };
  }

  /** Passes over one more operator, unless there were too many. */
  private isNextInChain(): boolean {
    if (++this.chain > MAX_CHAIN) {
      this.isBroken = true;
      return false;
    }
    this.at++;
    return true;
  }

  private unary(): Expression {
    if (this.depth >= MAX_DEPTH) return this.fail();
    this.depth++;
    const found = this.unaryHere();
    this.depth--;
    return found;
  }

  private unaryHere(): Expression {
    const first = this.at;
    const operator = this.text(first);
    if (PREFIXES.has(operator)) {
      this.at++;
      const of = this.unary();
      return { kind: "unary", operator: operator as Unary["operator"], of, ...this.spanOf(first, this.at) };
    }
    if (operator === "++" || operator === "--") {
      this.at++;
      const of = this.unary();
      return { kind: "update", operator, isPrefix: true, of, ...this.spanOf(first, this.at) };
    }
    if (operator === "(") return this.parenthesis();
    if (operator === "&&" && this.isWord(first + 1)) {
      this.at += 2;
      return this.unknown(first, this.at);
    }
    if (operator === "__extension__" || operator === "__force") {
      this.at++;
      return this.unary();
    }
    return this.postfix(first, this.primary());
  }

  /** `(a + b)`, `(struct x *)p`, `(struct x){ … }`, `({ … })`. */
  private parenthesis(): Expression {
    const open = this.at;
    const close = this.closing(open);
    if (close < 0) return this.fail();
    if (this.text(open + 1) === "{") return this.postfix(open, this.statementExpression(close));
    const meaning = this.meaningOf(open, close);
    if (meaning === "unclear") {
      // `(f)(x)` calls, or `(T)(x)` casts: either way it may use all that is named.
      this.at = this.closing(close + 1) + 1;
      return this.postfix(open, this.unknown(open, this.at));
    }
    if (meaning === "type") {
      this.at = close + 1;
      const type = this.spelledType(open + 1, close);
      if (this.is("{")) return this.postfix(open, this.compound(open, type));
      const of = this.unary();
      return { kind: "cast", type, of, ...this.spanOf(open, this.at) };
    }
    this.at++;
    const inner = this.expression();
    if (this.at !== close) return this.fail();
    this.at = close + 1;
    return this.postfix(open, inner);
  }

  private compound(first: number, type: string): Compound {
    const list = this.initialiserList();
    return { kind: "compound", type, list, ...this.spanOf(first, this.at) };
  }

  private statementExpression(close: number): Expression {
    const open = this.at;
    const { isBroken, chain } = this;
    if (this.depth >= MAX_DEPTH) return this.fail();
    this.depth++;
    this.at++;
    const body = this.block();
    this.depth--;
    this.isBroken = isBroken;
    this.chain = chain;
    if (this.at !== close) return this.fail();
    this.at++;
    return { kind: "statements", body, ...this.spanOf(open, this.at) };
  }

  /** Attributes are no part of what a type is called. */
  protected spelledType(first: number, to: number): string {
    let text = "";
    let from = first;
    for (let i = first; i < to; i++) {
      if (!this.isAttribute(i)) continue;
      text = joined(text, this.spelled(from, i));
      i = this.attributeEnd(i) - 1;
      from = i + 1;
    }
    return joined(text, this.spelled(from, to));
  }

  protected isAttribute(i: number): boolean {
    if (!this.isWord(i)) return false;
    const text = this.text(i);
    return (
      text === "__attribute__" ||
      text === "__attribute" ||
      ATTRIBUTE_WORDS.has(text) ||
      ((ATTRIBUTE_CALLS.has(text) || text === "SEC" || text === "__section") && this.text(i + 1) === "(")
    );
  }

  /** The word behind the attribute at `i`. */
  protected attributeEnd(i: number): number {
    const close = this.text(i + 1) === "(" && !ATTRIBUTE_WORDS.has(this.text(i)) ? this.closing(i + 1) : -1;
    return close < 0 ? i + 1 : close + 1;
  }

  private meaningOf(open: number, close: number): Single {
    const first = open + 1;
    if (first === close || !this.isWord(first)) return "value";
    const text = this.text(first);
    if (TYPE_START.has(text) || this.isAttribute(first)) return "type";
    if (first + 1 === close) return this.meaningOfSingle(text, close + 1);
    return this.isTypeName(first, close) ? "type" : "value";
  }

  /** Whether words make the name of a type: `x_t *`, `u8[4]`, `int (*)(void)`. */
  private isTypeName(first: number, to: number): boolean {
    const text = this.text(first);
    if (TYPE_START.has(text)) return true;
    if (!this.isWord(first) || isKeyword(text)) return false;
    if (first + 1 === to) return this.isTypeWord(text);
    let i = first + 1;
    while (i < to && (this.text(i) === "*" || QUALIFIERS.has(this.text(i)) || this.isAttribute(i))) {
      i = this.isAttribute(i) ? this.attributeEnd(i) : i + 1;
    }
    if (i >= to) return true;
    if (this.text(i) === "[") return this.isTypeWord(text);
    return this.text(i) === "(" && this.text(i + 1) === "*" && (this.text(i + 2) === ")" || this.isAttribute(i + 2));
  }

  protected isTypeWord(name: string): boolean {
    if (this.declared.has(name)) return false;
    return TYPE_START.has(name) || SCALARS.has(name) || this.typedefs.has(name) || this.isType(name);
  }

  /** `(x)` alone: what follows tells whether it casts. */
  private meaningOfSingle(name: string, next: number): Single {
    if (isKeyword(name)) return "value";
    if (this.isTypeWord(name)) return "type";
    if (this.declared.has(name)) return "value";
    const word = this.word(next);
    if (isLiteral(word) || word.text === "{" || word.text === "!" || word.text === "~") return "type";
    if (word.kind === IDENTIFIER) return STATEMENT_WORDS.has(word.text) || word.text === "else" ? "value" : "type";
    if (name.endsWith("_t") && (word.text === "(" || word.text === "&" || PREFIXES.has(word.text))) return "type";
    return word.text === "(" && this.closing(next) > next ? "unclear" : "value";
  }

  private primary(): Expression {
    const first = this.at;
    const word = this.word(first);
    switch (word.kind) {
      case NUMBER:
        this.at++;
        return { kind: "number", ...numberOf(word.text), start: word.start, end: word.end };
      case CHARACTER:
        this.at++;
        return { kind: "number", value: characterValue(word.text), suffix: "", start: word.start, end: word.end };
      case STRING:
        return this.string();
      case IDENTIFIER:
        return this.name(word);
      default:
        return this.fail();
    }
  }

  private string(): Expression {
    const first = this.at;
    let size = 1;
    while (this.word(this.at).kind === STRING) size += stringSize(this.text(this.at++));
    // `"%" PRIu64`: a part of it is a name from elsewhere.
    const isPart = this.isWord(this.at) && !isKeyword(this.text(this.at)) && !this.isAttribute(this.at);
    if (!isPart) return { kind: "string", size, ...this.spanOf(first, this.at) };
    while (this.word(this.at).kind === STRING || (this.isWord(this.at) && !isKeyword(this.text(this.at)))) this.at++;
    return this.unknown(first, this.at);
  }

  private name(word: Word): Expression {
    const first = this.at;
    const { text } = word;
    if (isKeyword(text)) return this.fail();
    if (SIZE_OPERATORS.has(text)) return this.sizeOf(text);
    const isCalled = this.text(first + 1) === "(";
    if (text === "_Generic" || (isCalled && (text.startsWith("__typeof") || text === "typeof"))) {
      const close = this.closing(first + 1);
      if (close < 0) return this.fail();
      this.at = close + 1;
      return this.unknown(first, this.at);
    }
    if (TYPE_START.has(text)) return this.fail();
    // `__FILE__ ": "`.
    if (this.word(first + 1).kind === STRING) return this.string();
    this.at++;
    return { kind: "name", name: text, start: word.start, end: word.end };
  }

  private sizeOf(operator: string): Expression {
    const first = this.at;
    const open = first + 1;
    const close = this.text(open) === "(" ? this.closing(open) : -1;
    const isOfType = close > open && (operator !== "sizeof" || this.isTypeName(open + 1, close));
    if (isOfType) {
      this.at = close + 1;
      return this.sizeOfText(first, operator, this.writtenBetween(open, close), undefined);
    }
    this.at++;
    const of = this.unary();
    const isInside = close > open && this.at === close + 1;
    const text = isInside ? this.writtenBetween(open, close) : this.writtenBetween(first, this.at);
    return this.sizeOfText(first, operator, text, of);
  }

  private sizeOfText(first: number, operator: string, text: string, of: Expression | undefined): SizeOf {
    return { kind: "sizeof", operator, text, of, ...this.spanOf(first, this.at) };
  }

  private postfix(first: number, start: Expression): Expression {
    let of = start;
    for (;;) {
      const operator = this.text(this.at);
      if (operator === "(") {
        const { chain } = this;
        of = this.call(first, of);
        this.chain = chain + 1;
        if (this.isBroken) return of;
      } else if (operator === "[") {
        of = this.index(first, of);
        if (this.isBroken) return of;
      } else if (operator === "." || operator === "->") {
        if (!this.isWord(this.at + 1)) return this.fail();
        if (!this.isNextInChain()) return of;
        const { text: name, start, end } = this.word(this.at++);
        const nameSpan = { start, end };
        of = { kind: "member", of, name, nameSpan, isArrow: operator === "->", ...this.spanOf(first, this.at) };
      } else if (operator === "++" || operator === "--") {
        if (!this.isNextInChain()) return of;
        of = { kind: "update", operator, isPrefix: false, of, ...this.spanOf(first, this.at) };
      } else {
        return of;
      }
    }
  }

  private index(first: number, of: Expression): Expression {
    const close = this.closing(this.at);
    if (close < 0 || !this.isNextInChain()) return this.fail();
    const index = this.expression();
    if (this.at !== close) return this.fail();
    this.at++;
    return { kind: "index", of, index, ...this.spanOf(first, this.at) };
  }

  private call(first: number, callee: Expression): Expression {
    const open = this.at;
    if (this.closing(open) < 0 || this.chain > MAX_CHAIN) return this.fail();
    const { args, texts } = this.callArguments();
    const name = callee.kind === "name" ? callee.name : "";
    if (TRANSPARENT.has(name) && args[0] !== undefined) return args[0];
    const nameSpan = { start: callee.start, end: callee.end };
    const found: CallExpression = { kind: "call", name, nameSpan, callee, args, texts, ...this.spanOf(first, this.at) };
    return found;
  }

  /** What stands between the parentheses that open where we are, which are closed. */
  protected callArguments(): Pick<CallExpression, "args" | "texts"> {
    const open = this.at;
    const close = this.closing(open);
    const args: Expression[] = [];
    const texts: string[] = [];
    this.at++;
    let before = open;
    while (this.at < close) {
      args.push(this.argument(close, () => this.assignment()));
      texts.push(this.writtenBetween(before, this.at));
      before = this.at;
      if (this.at < close) this.at++;
    }
    this.at = close + 1;
    return { args, texts };
  }

  /** Reads what a comma or the bracket at `close` ends; what it cannot read it passes over. */
  private argument(close: number, read: () => Expression): Expression {
    const first = this.at;
    const { isBroken, depth, chain } = this;
    if (depth >= MAX_DEPTH) {
      this.isBroken = true;
      this.at = close;
      return this.unknown(first, first);
    }
    this.isBroken = false;
    let found = read();
    if (this.isBroken || (this.at !== close && !this.is(",")) || this.isTypeArgument(found)) {
      this.depth = depth;
      this.at = first;
      this.skipArgument(close);
      found = this.unknown(first, this.at);
    }
    this.isBroken = isBroken;
    // Arguments stand side by side, so none makes the tree deeper for the next.
    this.chain = chain;
    return found;
  }

  private isTypeArgument(found: Expression): boolean {
    return found.kind === "name" && this.isTypeWord(found.name);
  }

  private skipArgument(close: number): void {
    while (this.at < close && !this.is(",")) {
      const end = this.closing(this.at);
      this.at = end > this.at && end < close ? end + 1 : this.at + 1;
    }
  }

  /** `{ 1, .a = 2, [3] = { 4 } }`. */
  protected initialiserList(): List {
    const open = this.at;
    const close = this.closing(open);
    const items: ListItem[] = [];
    if (close < 0 || this.depth >= MAX_DEPTH) {
      this.isBroken = true;
      return { kind: "list", items, ...this.spanOf(open, open + 1) };
    }
    this.depth++;
    this.at++;
    while (this.at < close) {
      const first = this.at;
      let designator = "";
      const value = this.argument(close, () => {
        designator = this.designator();
        return this.initialiser();
      });
      items.push({ designator: value.kind === "unknown" && this.at === first ? "" : designator, value });
      if (this.at < close) this.at++;
    }
    this.depth--;
    this.at = close + 1;
    return { kind: "list", items, ...this.spanOf(open, this.at) };
  }

  protected initialiser(): Expression {
    return this.is("{") ? this.initialiserList() : this.assignment();
  }

  private designator(): string {
    const first = this.at;
    if (this.isWord(first) && this.text(first + 1) === ":") {
      this.at += 2;
      return `.${this.text(first)}`;
    }
    while (this.is(".") || this.is("[")) {
      const close = this.is("[") ? this.closing(this.at) : this.at + 1;
      if (close < 0) break;
      this.at = close + 1;
    }
    const designator = this.spelled(first, this.at);
    if (designator !== "") this.take("=");
    return designator;
  }
}

function joined(type: string, rest: string): string {
  return rest === "" || (type.endsWith("*") && rest.startsWith("*")) ? type + rest : `${type} ${rest}`.trim();
}

/** Words that are no names. */
export function isKeyword(text: string): boolean {
  return KEYWORDS.has(text);
}

const KEYWORDS = new Set([...STATEMENT_WORDS, ...STATEMENT_KEYWORDS, ...ASM_WORDS, "typedef", "static", "extern"]);
KEYWORDS.delete("defined");

/** The two ways of a condition. Nobody awaits a tree. */
export function either<A, B>(chosen: A, other: B): { readonly then: A; readonly else: B } {
  // biome-ignore lint/suspicious/noThenProperty: C's own word
  return { then: chosen, else: other };
}

/** For every bracket the one that closes it. What does not match has none, and no pair reaches over a brace that does. */
function partnersOf(list: readonly Word[]): Int32Array {
  const partners = new Int32Array(list.length).fill(-1);
  const open: number[] = [];
  for (let i = 0; i < list.length; i++) {
    const text = list[i]?.text;
    if (text === "(" || text === "[" || text === "{") {
      open.push(i);
    } else if (text === "}") {
      while (open.length > 0 && list[open.at(-1) ?? 0]?.text !== "{") open.pop();
      const top = open.pop();
      if (top !== undefined) partners[top] = i;
    } else if (text === ")" || text === "]") {
      const top = open.at(-1);
      if (top === undefined || list[top]?.text !== (text === ")" ? "(" : "[")) continue;
      partners[top] = i;
      open.pop();
    }
  }
  return partners;
}
