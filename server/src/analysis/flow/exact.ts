/**
 * Whether the verifier knows no more of a number than the walk does: then what the walk finds possible, the verifier refuses.
 * A number that was compared in ways that clang or the verifier may make more of is not exact.
 */

import { arithmetic, type Interval } from "./numbers.ts";
import type { Path } from "./path.ts";
import { isConstant, type NumberValue, type Source, type ThingKind, type Value } from "./values.ts";
import type { CompareEvent, Walk } from "./watch.ts";

/** A comparison on the way; the last first. */
export interface Asked {
  /** Undefined at the beginning. */
  readonly left: Value | undefined;
  readonly right: Value | undefined;
  /** Where it stands. */
  readonly at: number;
  readonly before: Asked | undefined;
  /** What was compared on any way through the program: where, by the id of the number. */
  readonly everywhere: Map<number, Set<number>>;
}

export function nothingAsked(): Asked {
  return { left: undefined, right: undefined, at: -1, before: undefined, everywhere: new Map() };
}

export function askedBy({ left, right, node }: CompareEvent, before: Asked, path: Path): Asked {
  if (left.kind !== "number" || right.kind !== "number") return before;
  const [a, b] = [isKnown(left, path), isKnown(right, path)];
  if (a && b) return before;
  const { everywhere } = before;
  if (!a) record(left, node.start, everywhere);
  if (!b) record(right, node.start, everywhere);
  return { left, right, at: node.start, before, everywhere };
}

function record(value: Value, at: number, everywhere: Map<number, Set<number>>): void {
  if (value.kind !== "number") return;
  const places = everywhere.get(value.id);
  // Numbers share what they are made of: what was seen here already is not gone through again.
  if (places?.has(at)) return;
  if (places === undefined) everywhere.set(value.id, new Set([at]));
  else if (places.has(at)) return;
  else places.add(at);
  for (const one of value.operands) record(one, at, everywhere);
}

/**
 * Whether a number was compared nowhere but on this way. Where some ways ask and others do not, it may be that those that do
 * not never get as far: whoever wrote it knows.
 */
export function isAskedAlike(value: Value, asked: Asked): boolean {
  const parts = new Set<number>();
  collect(value, parts);
  const here = new Set<number>();
  for (let one: Asked | undefined = asked; one !== undefined; one = one.before) here.add(one.at);
  return [...parts].every((id) => [...(asked.everywhere.get(id) ?? [])].every((at) => here.has(at)));
}

function collect(value: Value, parts: Set<number>): void {
  if (value.kind !== "number" || parts.has(value.id)) return;
  parts.add(value.id);
  for (const one of value.operands) collect(one, parts);
}

function isKnown(value: NumberValue, path: Path): boolean {
  if (isConstant(value)) return true;
  const { low, high } = path.boundsOf(value);
  return low === high;
}

/** Where a number that the walk and the verifier know equally well lies; undefined where the verifier may know more. */
export function exactly(value: Value, asked: Asked, path: Path, walk: Walk): Interval | undefined {
  if (value.kind !== "number") return undefined;
  const parts = new Set<number>();
  let found = intervalOf(value, parts, path, walk);
  // What is made of constants alone the compiler knows.
  if (found === undefined || origin(value) === undefined) return undefined;
  for (let one: Asked | undefined = asked; one !== undefined; one = one.before) {
    const { left, right } = one;
    const isOfBoth = isOpen(left, path) && isOpen(right, path);
    for (const side of [left, right]) {
      const back = isOfBoth ? undefined : backFrom(side, value, path);
      if (back !== undefined) found = shared(found, back);
      else if (mayTell(side, isOfBoth, parts)) return undefined;
    }
  }
  return found.low > found.high ? undefined : found;
}

/**
 * Whether more may follow from a comparison than the walk makes of it. Of a number and a constant all is known that can be;
 * of two numbers, or of what is made of this one, clang or the verifier may know more.
 */
function mayTell(side: Value | undefined, isOfBoth: boolean, parts: ReadonlySet<number>): boolean {
  if (side?.kind !== "number") return false;
  return parts.has(side.id) ? isOfBoth : !isSumOfTwo(side, parts) && touches(side, parts);
}

/** What follows for a number where one was compared that is so much more or less: the verifier may go back as well. */
function backFrom(side: Value | undefined, { id }: NumberValue, path: Path): Interval | undefined {
  if (side?.kind !== "number") return undefined;
  const [left, right] = side.operands;
  if (left?.kind !== "number" || right?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(side);
  if (side.operator === "+" && left.id === id && isConstant(right))
    return { low: low - right.low, high: high - right.low };
  if (side.operator !== "-") return undefined;
  if (left.id === id && isConstant(right)) return { low: low + right.low, high: high + right.low };
  return right.id === id && isConstant(left) ? { low: left.low - high, high: left.low - low } : undefined;
}

/** Of what two numbers come to together nothing follows for either of them. */
function isSumOfTwo({ operator, operands }: NumberValue, parts: ReadonlySet<number>): boolean {
  const [left, right] = operands;
  if (operator !== "+" || left?.kind !== "number" || right?.kind !== "number") return false;
  const isOpenSum = left.low !== left.high && right.low !== right.high;
  return isOpenSum && parts.has(left.id) !== parts.has(right.id);
}

function isOpen(side: Value | undefined, path: Path): boolean {
  return side?.kind === "number" && !isKnown(side, path);
}

/** Where what the number is made of came from outside. */
export function origin(value: Value, depth = 0): Source | undefined {
  if (value.kind === "pointer") return value.thing.source;
  if (value.kind !== "number" || depth > DEEPEST) return undefined;
  if (value.source !== undefined) return value.source;
  for (const operand of value.operands) {
    const found = origin(operand, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A number that is made of one of these. */
function touches(value: Value, parts: ReadonlySet<number>, depth = 0): boolean {
  if (value.kind !== "number") return false;
  if (depth > DEEPEST) return true;
  return value.operands.some((one) => parts.has(one.id) || touches(one, parts, depth + 1));
}

/** A hash is made of itself so often that nobody can follow: then it is not known. */
const DEEPEST = 8;
/** Operators of which the verifier knows what they do to bounds, as long as the other operand is a constant. */
const WITH_CONSTANT: ReadonlySet<string> = new Set(["*", "&", "<<", ">>", "/", "%"]);
/** Bytes in another order: whatever is known of them is lost. */
const SWAPPED = /^(?:__)?(?:bpf_)?(?:[hn]to[hn][sl]|be(?:16|32|64)_to_cpu|cpu_to_be(?:16|32|64))$|^__builtin_bswap/;

function intervalOf(value: NumberValue, parts: Set<number>, path: Path, walk: Walk, depth = 0): Interval | undefined {
  if (depth > DEEPEST) return undefined;
  const here = path.boundsOf(value);
  if (here.low === here.high) return here;
  const { operator, operands, width, isSigned, isLoose, source } = value;
  if (isLoose || width === undefined || isSigned === undefined) return undefined;
  parts.add(value.id);
  if (operator === undefined) return isSure(source, walk) ? here : undefined;
  if (SWAPPED.test(operator)) return here;
  const [first, second] = operands;
  // How far the packet's end is from its beginning the verifier does not reckon.
  if (operator === "-" && isPacket(first) && isPacket(second)) return here;
  if (first?.kind !== "number") return undefined;
  const left = intervalOf(first, parts, path, walk, depth + 1);
  if (left === undefined) return undefined;
  if (operator === "cast") {
    // As it came out, whatever holds it now.
    const isKept = within(left, value) && !(isSigned && !first.isSigned && left.high === Number.POSITIVE_INFINITY);
    return isKept ? shared(left, here) : here;
  }
  if (second === undefined) return operator === "-" ? here : undefined;
  const right = second.kind === "number" ? intervalOf(second, parts, path, walk, depth + 1) : undefined;
  if (right === undefined) return undefined;
  if (operator !== "+" && operator !== "-" && (!WITH_CONSTANT.has(operator) || right.low !== right.high))
    return undefined;
  const again = arithmetic(operator, left, right, value);
  return within(again, value) ? shared(again, here) : here;
}

function isPacket(value: Value | undefined): boolean {
  return value?.kind === "pointer" && (value.thing.kind === "packet" || value.thing.kind === "packet end");
}

function within(a: Interval, b: Interval): boolean {
  return a.low >= b.low && a.high <= b.high;
}

function shared(a: Interval, b: Interval): Interval {
  return { low: Math.max(a.low, b.low), high: Math.min(a.high, b.high) };
}

/** What numbers are read out of that nobody knows before. */
const OPEN: ReadonlySet<ThingKind> = new Set(["context", "map value", "packet", "memory", "record", "kernel", "item"]);

function isSure(source: Source | undefined, { model, root }: Walk): boolean {
  if (source === undefined) return false;
  switch (source.kind) {
    case "call":
      return source.from === "raw" || source.from === "memory";
    case "load":
      if (source.from === "global") return isOpenGlobal(source.name, model);
      return source.from !== undefined && OPEN.has(source.from);
    case "parameter":
      // What the compiler inlines is given what its callers know.
      return !root.isFunction || /\bnoinline|__noinline\b/.test(root.routine.head);
    case "global":
      return isOpenGlobal(source.name, model);
    default:
      return false;
  }
}

function isOpenGlobal(name: string, model: Walk["model"]): boolean {
  const global = model.globals.find((one) => one.name === name);
  // clang knows all that is ever written to one that no other file sees.
  const isOpen = global?.kind === "data" || global?.kind === "bss";
  return isOpen && !/^\s*static\b/.test(model.code.textOf(global.range));
}
