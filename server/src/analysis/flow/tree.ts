/** What a function's body says, as statements and expressions: plain records, without a trace of tokens. */

import type { Span } from "../text.ts";

/** Offsets are those of the file as written. What a macro stands for has the span of the macro's use. */
export type Expression =
  | Name
  | NumberLiteral
  | StringLiteral
  | Unary
  | Update
  | Binary
  | Assignment
  | Conditional
  | CallExpression
  | Member
  | Index
  | Cast
  | SizeOf
  | Compound
  | List
  | StatementExpression
  | UnknownExpression;

export interface Name extends Span {
  readonly kind: "name";
  readonly name: string;
}

export interface NumberLiteral extends Span {
  readonly kind: "number";
  /** Undefined for a floating one. */
  readonly value: bigint | undefined;
  /** `u`, `l`, `ul` … in lower case, as written behind it. */
  readonly suffix: string;
}

export interface StringLiteral extends Span {
  readonly kind: "string";
  /** How many bytes it takes with its final zero; adjacent literals are one. */
  readonly size: number;
}

export interface Unary extends Span {
  readonly kind: "unary";
  readonly operator: "!" | "-" | "+" | "~" | "*" | "&";
  readonly of: Expression;
}

/** `i++`, `--i`. */
export interface Update extends Span {
  readonly kind: "update";
  readonly operator: "++" | "--";
  readonly isPrefix: boolean;
  readonly of: Expression;
}

export interface Binary extends Span {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>";
export type Comparison = "==" | "!=" | "<" | ">" | "<=" | ">=";
export type BinaryOperator = ArithmeticOperator | Comparison | "&&" | "||" | ",";

export interface Assignment extends Span {
  readonly kind: "assignment";
  /** Undefined for a plain `=`, `+` for `+=`. */
  readonly operator: ArithmeticOperator | undefined;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Conditional extends Span {
  readonly kind: "conditional";
  readonly test: Expression;
  /** Absent in `a ?: b`. */
  readonly then: Expression | undefined;
  readonly else: Expression;
}

export interface CallExpression extends Span {
  readonly kind: "call";
  /** Empty where no name is called: `(*f)(x)`. */
  readonly name: string;
  readonly nameSpan: Span;
  readonly callee: Expression;
  readonly args: readonly Expression[];
  /**
   * The text of each argument as written, for macros that take types or names of fields: `BPF_CORE_READ(t, mm, start)`.
   */
  readonly texts: readonly string[];
}

export interface Member extends Span {
  readonly kind: "member";
  readonly of: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly isArrow: boolean;
}

export interface Index extends Span {
  readonly kind: "index";
  readonly of: Expression;
  readonly index: Expression;
}

export interface Cast extends Span {
  readonly kind: "cast";
  /** As written, in one line: `struct iphdr *`. */
  readonly type: string;
  readonly of: Expression;
}

/** `sizeof`, and what else the compiler knows of a type or an expression without running it. */
export interface SizeOf extends Span {
  readonly kind: "sizeof";
  /** `sizeof`, `offsetof`, `_Alignof` …, as written. */
  readonly operator: string;
  /** The text between its parentheses, or of its operand. */
  readonly text: string;
  /** The operand, where it can be an expression: `sizeof(x)` may name a type. */
  readonly of: Expression | undefined;
}

/** `(struct key){ .a = 1 }`. */
export interface Compound extends Span {
  readonly kind: "compound";
  readonly type: string;
  readonly list: List;
}

/** An initialiser in braces. */
export interface List extends Span {
  readonly kind: "list";
  readonly items: readonly ListItem[];
}

export interface ListItem {
  /** `.a.b`, `[3]`; empty without. */
  readonly designator: string;
  readonly value: Expression;
}

/** `({ … })`: its value is that of its last statement. */
export interface StatementExpression extends Span {
  readonly kind: "statements";
  readonly body: Block;
}

/** What is not understood: `_Generic`, a type where a value should be. It may use, and change, every name in it. */
export interface UnknownExpression extends Span {
  readonly kind: "unknown";
  readonly names: readonly string[];
}

export type Statement =
  | ExpressionStatement
  | Declaration
  | Block
  | If
  | While
  | DoWhile
  | For
  | Each
  | Switch
  | Case
  | Label
  | Jump
  | Return
  | Assembly
  | Empty
  | Unknown;

export interface ExpressionStatement extends Span {
  readonly kind: "expression";
  readonly of: Expression;
}

/** One declared variable; `int a, *b;` makes two. */
export interface Declaration extends Span {
  readonly kind: "declaration";
  readonly name: string;
  readonly nameSpan: Span;
  /** Words and stars as written, without storage words: `struct event *`, `const char`. */
  readonly type: string;
  readonly dimensions: readonly (Expression | undefined)[];
  readonly initialiser: Expression | undefined;
  readonly isStatic: boolean;
  /** What `__free(…)` and the like say: attributes with arguments, as written. */
  readonly attributes: readonly string[];
}

export interface Block extends Span {
  readonly kind: "block";
  readonly statements: readonly Statement[];
}

export interface If extends Span {
  readonly kind: "if";
  /** Undefined for `#if`, whose condition the build decides: then `built` is that, as written. */
  readonly test: Expression | undefined;
  readonly built: string | undefined;
  readonly then: Statement;
  readonly else: Statement | undefined;
}

export interface While extends Span {
  readonly kind: "while";
  readonly test: Expression;
  readonly body: Statement;
}

export interface DoWhile extends Span {
  readonly kind: "do";
  readonly body: Statement;
  readonly test: Expression;
}

export interface For extends Span {
  readonly kind: "for";
  readonly begin: readonly Statement[];
  readonly test: Expression | undefined;
  readonly step: Expression | undefined;
  readonly body: Statement;
}

/** `bpf_for(i, 0, 10) { … }`, `bpf_for_each(task, t, …) { … }`, `bpf_repeat(n) { … }`. */
export interface Each extends Span {
  readonly kind: "each";
  readonly macro: string;
  readonly args: readonly Expression[];
  readonly texts: readonly string[];
  readonly body: Statement;
}

export interface Switch extends Span {
  readonly kind: "switch";
  readonly of: Expression;
  readonly body: Statement;
}

/** `case 1:`, `case 1 ... 3:`, `default:`. What follows are statements of the same block. */
export interface Case extends Span {
  readonly kind: "case";
  /** Undefined for `default`. */
  readonly value: Expression | undefined;
  readonly to: Expression | undefined;
}

export interface Label extends Span {
  readonly kind: "label";
  readonly name: string;
}

export interface Jump extends Span {
  readonly kind: "jump";
  readonly to: "break" | "continue" | "goto";
  /** Of `goto`. */
  readonly label: string;
}

export interface Return extends Span {
  readonly kind: "return";
  readonly of: Expression | undefined;
}

/** Inline assembly: it may change what it names. */
export interface Assembly extends Span {
  readonly kind: "assembly";
  readonly names: readonly string[];
  /** Where `asm goto` may go. */
  readonly labels: readonly string[];
  /** The template is empty: nothing is done, and the compiler must not move anything over it. */
  readonly isBarrier: boolean;
}

export interface Empty extends Span {
  readonly kind: "empty";
}

/** What is no statement that we know: anything may happen here. */
export interface Unknown extends Span {
  readonly kind: "unknown";
}

/** A function's body, read. */
export interface Body extends Block {
  /** Every statement was understood. */
  readonly isWhole: boolean;
}
