/** Constant expressions: what `__uint(max_entries, 1 << BITS)` comes to. */

import { Cursor } from "./cursor.ts";
import { argumentsOf } from "./expand.ts";
import { KERNEL_CONSTANTS } from "./kernel-types.ts";
import type { Define } from "./macros.ts";
import { CHARACTER, IDENTIFIER, NUMBER, tokenize } from "./tokens.ts";
import { type Layout, type Lookup, layoutOf, readTypeName, type TypeTable } from "./types.ts";

export interface Constants {
  readonly defines: Lookup<Define>;
  readonly types: TypeTable;
}

/** How deep definitions may lead before we take them for a circle, and how many steps they may take in all. */
const MAX_DEPTH = 24;
const MAX_STEPS = 5000;

/** How far one question has led. */
interface Effort {
  readonly depth: number;
  readonly steps: { left: number };
}

function deeper({ depth, steps }: Effort): Effort {
  return { depth: depth + 1, steps };
}

/** The value of an expression; undefined when a part of it is not constant or not known. */
export function evaluate(expression: string, constants: Constants): bigint | undefined {
  return valueWithin(expression, constants, { depth: 0, steps: { left: MAX_STEPS } });
}

/** The layout of a type given by its text, `struct x` or `u32[4]`. */
export function layoutOfType(text: string, constants: Constants): Layout | undefined {
  return typeLayout(text, constants, { depth: 0, steps: { left: MAX_STEPS } });
}

function valueWithin(expression: string, constants: Constants, effort: Effort): bigint | undefined {
  if (effort.depth > MAX_DEPTH || effort.steps.left-- <= 0 || expression.length > 4096) return undefined;
  // Most are a number and nothing else.
  const number = numberOf(expression);
  if (number !== undefined) return number;
  const reader = new Evaluator(expression, constants, effort);
  const value = reader.ternary();
  return reader.done ? value : undefined;
}

function typeLayout(text: string, constants: Constants, effort: Effort): Layout | undefined {
  const type = readTypeName(text, new Cursor(text, tokenize(text)));
  const known = new Map();
  return layoutOf(type, { types: constants.types, evaluate: (e) => valueWithin(e, constants, deeper(effort)), known });
}

type Binary = (a: bigint, b: bigint) => bigint | undefined;

const bool = (value: boolean): bigint => (value ? 1n : 0n);

/** Binary operators by how tightly they bind. */
const LEVELS: readonly (readonly (readonly [string, Binary])[])[] = [
  [["||", (a, b) => bool(a !== 0n || b !== 0n)]],
  [["&&", (a, b) => bool(a !== 0n && b !== 0n)]],
  [["|", (a, b) => a | b]],
  [["^", (a, b) => a ^ b]],
  [["&", (a, b) => a & b]],
  [
    ["==", (a, b) => bool(a === b)],
    ["!=", (a, b) => bool(a !== b)],
  ],
  [
    ["<=", (a, b) => bool(a <= b)],
    [">=", (a, b) => bool(a >= b)],
    ["<", (a, b) => bool(a < b)],
    [">", (a, b) => bool(a > b)],
  ],
  [
    ["<<", (a, b) => (b < 0n || b > 64n ? undefined : a << b)],
    [">>", (a, b) => (b < 0n || b > 64n ? undefined : a >> b)],
  ],
  [
    ["+", (a, b) => a + b],
    ["-", (a, b) => a - b],
  ],
  [
    ["*", (a, b) => a * b],
    ["/", (a, b) => (b === 0n ? undefined : a / b)],
    ["%", (a, b) => (b === 0n ? undefined : a % b)],
  ],
];

interface Operator {
  readonly sign: string;
  readonly level: number;
  readonly apply: Binary;
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  LEVELS.flatMap((operators, level) => operators.map(([sign, apply]) => [sign, { sign, level, apply }])),
);

const EQUALS = 61;

/** A reader of one expression. A class for its position; undefined runs through as "not known". */
class Evaluator {
  private readonly text: string;
  private readonly cursor: Cursor;
  private readonly constants: Constants;
  private readonly effort: Effort;
  private at = 0;

  constructor(text: string, constants: Constants, effort: Effort) {
    this.text = text;
    this.cursor = new Cursor(text, tokenize(text));
    this.constants = constants;
    this.effort = effort;
  }

  get done(): boolean {
    return this.cursor.count > 0 && this.at >= this.cursor.count;
  }

  ternary(): bigint | undefined {
    const condition = this.binary(0);
    if (!this.cursor.is(this.at, "?")) return condition;
    this.at++;
    const yes = this.ternary();
    if (this.cursor.is(this.at, ":")) this.at++;
    const no = this.ternary();
    return condition === undefined ? undefined : condition !== 0n ? yes : no;
  }

  /** What binds at least as tightly as a level. */
  private binary(level: number): bigint | undefined {
    let left = this.unary();
    for (
      let operator = this.operator();
      operator !== undefined && operator.level >= level;
      operator = this.operator()
    ) {
      this.at += operator.sign.length;
      const right = this.binary(operator.level + 1);
      left = left === undefined || right === undefined ? undefined : operator.apply(left, right);
    }
    return left;
  }

  /** The binary operator that stands here; `&=` and the like are none. */
  private operator(): Operator | undefined {
    const { cursor, at } = this;
    const code = cursor.code(at);
    if (code === 0) return undefined;
    const sign = String.fromCharCode(code);
    const next = cursor.end(at) === cursor.start(at + 1) ? cursor.code(at + 1) : 0;
    if (next === 0) return OPERATORS.get(sign);
    const pair = OPERATORS.get(sign + String.fromCharCode(next));
    if (pair !== undefined) return pair;
    return next === EQUALS && "<>&|=!".includes(sign) ? undefined : OPERATORS.get(sign);
  }

  private unary(): bigint | undefined {
    const { cursor } = this;
    const sign = cursor.text(this.at);
    if (sign === "-" || sign === "~" || sign === "!" || sign === "+") {
      this.at++;
      const value = this.unary();
      if (value === undefined) return undefined;
      return sign === "-" ? -value : sign === "~" ? ~value : sign === "!" ? bool(value === 0n) : value;
    }
    return this.primary();
  }

  private primary(): bigint | undefined {
    const { cursor, at } = this;
    const kind = cursor.kind(at);
    const word = cursor.text(at);
    if (kind === NUMBER) {
      this.at++;
      return numberOf(word);
    }
    if (kind === CHARACTER) {
      this.at++;
      return word.length === 3 ? BigInt(word.charCodeAt(1)) : undefined;
    }
    if (cursor.is(at, "(")) return this.parenthesis();
    if (kind !== IDENTIFIER) {
      this.at++;
      return undefined;
    }
    return word === "sizeof" ? this.sizeof() : this.name(word);
  }

  private parenthesis(): bigint | undefined {
    const { cursor, at } = this;
    const close = cursor.closing(at);
    const inside = this.text.slice(cursor.end(at), cursor.start(close));
    const isCast = this.isType(at + 1) && !cursor.is(close + 1, ")") && close + 1 < cursor.count;
    this.at = close + 1;
    if (isCast) return this.unary();
    return valueWithin(inside, this.constants, deeper(this.effort));
  }

  private isType(i: number): boolean {
    const word = this.cursor.text(i);
    if (
      /^(?:struct|union|enum|unsigned|signed|int|long|short|char|void|bool|[us](?:8|16|32|64)|__[usbl]e?(?:8|16|32|64)|u?int\d+_t|size_t)$/.test(
        word,
      )
    ) {
      return true;
    }
    return this.constants.types.typedefs.get(word) !== undefined;
  }

  private sizeof(): bigint | undefined {
    const { cursor, at } = this;
    if (!cursor.is(at + 1, "(")) {
      this.at = cursor.count;
      return undefined;
    }
    const close = cursor.closing(at + 1);
    this.at = close + 1;
    const size = typeLayout(
      this.text.slice(cursor.end(at + 1), cursor.start(close)),
      this.constants,
      deeper(this.effort),
    )?.size;
    // Bounds that nobody means make sizes that are no whole numbers any more.
    return size === undefined || !Number.isSafeInteger(size) ? undefined : BigInt(size);
  }

  private name(word: string): bigint | undefined {
    const { cursor, constants } = this;
    this.at++;
    const define = constants.defines.get(word);
    if (define?.params !== undefined && cursor.is(this.at, "(")) {
      const args = argumentsOf(cursor, this.text, this.at);
      this.at = cursor.closing(this.at) + 1;
      return valueWithin(applied(define.body, define.params, args), constants, deeper(this.effort));
    }
    if (define !== undefined && define.params === undefined)
      return valueWithin(define.body, constants, deeper(this.effort));
    const enumerator = constants.types.enumerators.get(word) ?? KERNEL_CONSTANTS.get(word);
    return enumerator === undefined ? undefined : valueWithin(enumerator, constants, deeper(this.effort));
  }
}

function applied(body: string, params: readonly string[], args: readonly string[]): string {
  return body.replace(/[A-Za-z_]\w*/g, (word) => {
    const i = params.indexOf(word);
    return i === -1 ? word : (args[i] ?? "");
  });
}

function numberOf(text: string): bigint | undefined {
  const digits = text.replace(/[uUlL]+$/, "").replaceAll("'", "");
  if (/^0[xX][\da-fA-F]+$|^0[bB][01]+$|^(?:0|[1-9]\d*)$/.test(digits)) return BigInt(digits);
  return /^0[0-7]+$/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : undefined;
}
