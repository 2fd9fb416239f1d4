/**
 * Whether the verifier knows no more of a number than the walk does: then what the walk finds possible, the verifier refuses.
 * A number that was compared in ways that clang or the verifier may make more of is not exact.
 */

import { arithmetic, type Interval, rangeOf } from "./numbers.ts";
import type { Path } from "./path.ts";
import { isConstant, type NumberValue, type Source, type ThingKind, type Value } from "./values.ts";
import type { CompareEvent, Walk } from "./watch.ts";

/** Comparisons on the way from which more may follow than the walk makes of them; the last first. */
export interface Asked {
  readonly left: Value;
  readonly right: Value;
  readonly before: Asked | undefined;
}

/** Of a number that came from outside, and a constant, all is known that can be: nothing is to be remembered. */
export function askedBy({ left, right }: CompareEvent, before: Asked | undefined, path: Path): Asked | undefined {
  if (left.kind !== "number" || right.kind !== "number") return before;
  const [a, b] = [isKnown(left, path), isKnown(right, path)];
  if ((a && b) || (a && right.operator === undefined) || (b && left.operator === undefined)) return before;
  return { left, right, before };
}

function isKnown(value: NumberValue, path: Path): boolean {
  if (isConstant(value)) return true;
  const { low, high } = path.boundsOf(value);
  return low === high;
}

/** Where a number that the walk and the verifier know equally well lies; undefined where the verifier may know more. */
export function exactly(value: Value, asked: Asked | undefined, path: Path, walk: Walk): Interval | undefined {
  if (value.kind !== "number") return undefined;
  const parts = new Set<number>();
  const found = intervalOf(value, parts, path, walk);
  if (found === undefined) return undefined;
  for (let one = asked; one !== undefined; one = one.before) {
    const isOfBoth = [one.left, one.right].filter((side) => side.kind === "number" && !isKnown(side, path)).length > 1;
    for (const side of [one.left, one.right])
      if (side.kind === "number" && (parts.has(side.id) ? isOfBoth : touches(side, parts))) return undefined;
  }
  return found;
}

/** Where what the number is made of came from outside. */
export function origin(value: Value): Source | undefined {
  if (value.kind !== "number") return undefined;
  if (value.source !== undefined) return value.source;
  for (const operand of value.operands) {
    const found = origin(operand);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A number that is made of one of these. */
function touches(value: Value, parts: ReadonlySet<number>): boolean {
  return value.kind === "number" && value.operands.some((one) => parts.has(one.id) || touches(one, parts));
}

/** Operators of which the verifier knows what they do to bounds, as long as the other operand is a constant. */
const WITH_CONSTANT: ReadonlySet<string> = new Set(["*", "&", "<<", ">>", "/", "%"]);
/** Bytes in another order: whatever is known of them is lost. */
const SWAPPED = /^(?:__)?(?:bpf_)?(?:[hn]to[hn][sl]|be(?:16|32|64)_to_cpu|cpu_to_be(?:16|32|64))$|^__builtin_bswap/;

function intervalOf(value: NumberValue, parts: Set<number>, path: Path, walk: Walk): Interval | undefined {
  const here = path.boundsOf(value);
  if (here.low === here.high) return here;
  const { operator, operands, width, isSigned, isLoose, source } = value;
  if (isLoose || width === undefined || isSigned === undefined) return undefined;
  parts.add(value.id);
  if (operator === undefined) return isSure(source, walk) ? here : undefined;
  if (SWAPPED.test(operator)) return here;
  const [first, second] = operands;
  if (first?.kind !== "number") return undefined;
  const left = intervalOf(first, parts, path, walk);
  if (left === undefined) return undefined;
  if (operator === "cast") return shared(rangeOf(value), within(left, rangeOf(value)) ? left : here, here);
  if (second === undefined) return operator === "-" ? here : undefined;
  const right = second.kind === "number" ? intervalOf(second, parts, path, walk) : undefined;
  if (right === undefined) return undefined;
  if (operator !== "+" && operator !== "-" && (!WITH_CONSTANT.has(operator) || right.low !== right.high))
    return undefined;
  return shared(arithmetic(operator, left, right, value), here, here);
}

function within(a: Interval, b: Interval): boolean {
  return a.low >= b.low && a.high <= b.high;
}

function shared(a: Interval, b: Interval, c: Interval): Interval {
  return { low: Math.max(a.low, b.low, c.low), high: Math.min(a.high, b.high, c.high) };
}

/** What numbers are read out of that nobody knows before. */
const OPEN: ReadonlySet<ThingKind> = new Set(["context", "map value", "packet", "memory", "record", "kernel", "item"]);

function isSure(source: Source | undefined, { model, root }: Walk): boolean {
  if (source === undefined) return false;
  switch (source.kind) {
    case "call":
      return source.from === "raw" || source.from === "memory";
    case "load":
      return source.from !== undefined && OPEN.has(source.from);
    case "parameter":
      // What the compiler inlines is given what its callers know.
      return !root.isFunction || /\bnoinline|__noinline\b/.test(root.routine.head);
    case "global": {
      const global = model.globals.find(({ name }) => name === source.name);
      // clang knows all that is ever written to one that no other file sees.
      const isOpen = global?.kind === "data" || global?.kind === "bss";
      return isOpen && !/^\s*static\b/.test(model.code.textOf(global.range));
    }
    default:
      return false;
  }
}
