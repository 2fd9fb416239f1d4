/** What is said of a number before it is known holds for every number that it may be: tried with all of them, or many. */

import { describe, expect, test } from "vitest";
import { answer, assume } from "../../../server/src/analysis/flow/assume.ts";
import { arithmetic, type Interval, type NumberType } from "../../../server/src/analysis/flow/numbers.ts";
import { Path } from "../../../server/src/analysis/flow/path.ts";
import type { Comparison } from "../../../server/src/analysis/flow/tree.ts";
import { type NumberValue, Values } from "../../../server/src/analysis/flow/values.ts";

/** Numbers that look like any, and are the same each time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const wrap = (value: bigint, { width, isSigned }: NumberType): bigint =>
  isSigned ? BigInt.asIntN((width ?? 8) * 8, value) : BigInt.asUintN((width ?? 8) * 8, value);

/** As C has it, of two numbers of a type. */
function computed(operator: string, x: bigint, y: bigint, type: NumberType): bigint | undefined {
  const [a, b] = [wrap(x, type), wrap(y, type)];
  switch (operator) {
    case "+":
      return wrap(a + b, type);
    case "-":
      return wrap(a - b, type);
    case "*":
      return wrap(a * b, type);
    case "/":
      return b === 0n ? undefined : wrap(a / b, type);
    case "%":
      return b === 0n ? undefined : wrap(a % b, type);
    case "&":
      return wrap(a & b, type);
    case "|":
      return wrap(a | b, type);
    case "^":
      return wrap(a ^ b, type);
    case "<<":
      return b < 0n || b >= BigInt((type.width ?? 8) * 8) ? undefined : wrap(a << b, type);
    default:
      return b < 0n || b >= BigInt((type.width ?? 8) * 8) ? undefined : wrap(a >> b, type);
  }
}

const holds = ({ low, high }: Interval, value: bigint): boolean =>
  (low === Number.NEGATIVE_INFINITY || BigInt(low) <= value) &&
  (high === Number.POSITIVE_INFINITY || value <= BigInt(high));

/** A number as an end of what is known: what a double cannot count is open. */
const counted = (value: bigint): number =>
  value > 2n ** 53n ? Number.POSITIVE_INFINITY : value < -(2n ** 53n) ? Number.NEGATIVE_INFINITY : Number(value);

const OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];

describe("arithmetic", () => {
  for (const operator of OPERATORS)
    for (const isSigned of [true, false])
      test(`all bytes, ${isSigned ? "with" : "without"} a sign: ${operator}`, () => {
        const random = numbers(7);
        const type = { width: 1, isSigned };
        // C makes both operands signed only where that changes neither.
        const range = () => {
          const from = isSigned || random() < 0.5 ? -128 : 0;
          const to = from < 0 ? 127 : 255;
          const [a, b] = [0, 0].map(() => from + Math.floor(random() * (to - from + 1)));
          return { low: Math.min(a ?? 0, b ?? 0), high: Math.max(a ?? 0, b ?? 0) };
        };
        for (let round = 0; round < 150; round++) {
          const a = range();
          const b = round % 2 === 0 ? range() : { low: Math.floor(random() * 9), high: 0 };
          if (round % 2 === 1) b.high = b.low;
          const found = arithmetic(operator, a, b, type);
          for (let x = a.low; x <= a.high; x++)
            for (let y = b.low; y <= b.high; y += Math.max(1, Math.floor((b.high - b.low) / 9))) {
              const value = computed(operator, BigInt(x), BigInt(y), type);
              if (value !== undefined && !holds(found, value))
                expect.fail(
                  `[${a.low},${a.high}] ${operator} [${b.low},${b.high}]: ${x}, ${y} is ${value}, not in [${found.low},${found.high}]`,
                );
            }
        }
      });

  test("numbers of 32 and 64 bits, near where they wrap around", () => {
    const random = numbers(11);
    const ends = [0n, 1n, 7n, 64n, 255n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 33n, 2n ** 52n];
    const pick = (list: readonly bigint[]): bigint => list[Math.floor(random() * list.length)] ?? 0n;
    for (let round = 0; round < 20_000; round++) {
      const type = { width: random() < 0.5 ? 4 : 8, isSigned: random() < 0.5 };
      const operator = OPERATORS[Math.floor(random() * OPERATORS.length)] ?? "+";
      const of = (): { readonly interval: Interval; readonly some: readonly bigint[] } => {
        const [a, b] = [wrap(pick(ends) - pick(ends), type), wrap(pick(ends) - pick(ends), type)];
        const [low, high] = a < b ? [a, b] : [b, a];
        const all = wrap(2n ** 63n - 1n, type);
        const isOpen = type.width === 8 && random() < 0.3;
        return {
          interval: { low: counted(low), high: isOpen ? Number.POSITIVE_INFINITY : counted(high) },
          some: [
            low,
            low + 1n,
            (low + high) / 2n,
            high - 1n,
            high,
            ...(isOpen ? [all, type.isSigned ? all : 2n ** 64n - 1n] : []),
          ].filter((one) => one >= low && (isOpen || one <= high)),
        };
      };
      const [left, right] = [of(), of()];
      if (![left, right].every(({ interval }) => Number.isSafeInteger(interval.low))) continue;
      const found = arithmetic(operator, left.interval, right.interval, type);
      for (const x of left.some)
        for (const y of right.some) {
          const value = computed(operator, x, y, type);
          if (value !== undefined && !holds(found, value))
            expect.fail(`${operator} of ${x} and ${y} is ${value}, not in [${found.low},${found.high}]`);
        }
    }
  });

  test("what real code does stays exact", () => {
    const anything = { low: 0, high: 2 ** 32 - 1 };
    const u32 = { width: 4, isSigned: false };
    const int = { width: 4, isSigned: true };
    const of = (low: number, high = low) => ({ low, high });
    expect(arithmetic("&", anything, of(63), u32)).toEqual(of(0, 63));
    expect(arithmetic("%", anything, of(10), u32)).toEqual(of(0, 9));
    expect(arithmetic(">>", anything, of(24), u32)).toEqual(of(0, 255));
    expect(arithmetic("-", of(0, 7), of(4), int)).toEqual(of(-4, 3));
    expect(arithmetic("-", of(0, 7), of(4), u32)).toEqual(anything);
    expect(arithmetic("*", of(5, 15), of(4), int)).toEqual(of(20, 60));
    expect(arithmetic("%", of(3, 5), of(8), int)).toEqual(of(3, 5));
    expect(arithmetic("|", of(1, 6), of(8), int)).toEqual(of(8, 15));
  });
});

const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", ">", "<=", ">="];

function compared(operator: Comparison, x: bigint, y: bigint, left: NumberType, right: NumberType): boolean {
  const width = Math.max(4, left.width ?? 8, right.width ?? 8);
  const isUnsigned = [left, right].some((one) => one.width === width && one.isSigned === false);
  const [a, b] = [wrap(x, { width, isSigned: !isUnsigned }), wrap(y, { width, isSigned: !isUnsigned })];
  switch (operator) {
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    default:
      return a >= b;
  }
}

test("comparisons say no more than is true, whatever the signs and sizes", () => {
  const random = numbers(5);
  const types = [1, 2, 4, 8].flatMap((width) => [true, false].map((isSigned): NumberType => ({ width, isSigned })));
  const ends = [0n, 1n, 5n, 64n, 200n, 2n ** 15n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n];
  const pick = <T>(list: readonly T[], otherwise: T): T => list[Math.floor(random() * list.length)] ?? otherwise;
  for (let round = 0; round < 30_000; round++) {
    const values = new Values();
    const path = new Path([]);
    const of = (): { readonly value: NumberValue; readonly some: readonly bigint[] } => {
      const type = pick(types, { width: 4, isSigned: true });
      const signs = random() < 0.3 ? -1n : 1n;
      const [a, b] = [wrap(signs * pick(ends, 0n), type), wrap(pick(ends, 0n), type)];
      const [low, high] = a < b ? [a, b] : [b, a];
      const some = [low, low + 1n, 0n, 1n, 64n, (low + high) / 2n, high - 1n, high].filter(
        (n) => n >= low && n <= high,
      );
      return { value: values.number({ ...type, low: counted(low), high: counted(high) }), some };
    };
    const [left, right] = [of(), of()];
    const operator = pick(COMPARISONS, "<");
    const known = answer(operator, left.value, right.value, path);
    const after = known === undefined ? path.fork() : path;
    const isPossible =
      known === false ? false : assume(operator, left.value, right.value, after, known === undefined) !== undefined;
    for (const x of left.some)
      for (const y of right.some) {
        const holdsHere = compared(operator, x, y, left.value, right.value);
        const told = `${x} ${operator} ${y} (${JSON.stringify([left.value, right.value].map(({ width, isSigned, low, high }) => [width, isSigned, low, high]))})`;
        if (known !== undefined && holdsHere !== known) expect.fail(`${told} is ${holdsHere}, not ${known}`);
        if (!holdsHere) continue;
        if (!isPossible) expect.fail(`${told} was thought impossible`);
        if (!holds(after.boundsOf(left.value), x)) expect.fail(`${told}: the left one was lost`);
        if (!holds(after.boundsOf(right.value), y)) expect.fail(`${told}: the right one was lost`);
      }
  }
});
