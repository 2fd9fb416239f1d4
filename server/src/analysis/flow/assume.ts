/** Conditions: which ways a program may go on, and what is known on each. */

import { evaluate, type Outcome, prepare, valueIn } from "./evaluate.ts";
import { commonType } from "./numbers.ts";
import type { Bounds, Path } from "./path.ts";
import type { Comparison, Expression } from "./tree.ts";
import type { NumberValue, PointerValue, Value } from "./values.ts";
import type { Walker } from "./walk.ts";

export interface Ways {
  readonly yes: readonly Path[];
  readonly no: readonly Path[];
}

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", ">", "<=", ">="]);
const OPPOSITE: Readonly<Record<Comparison, Comparison>> = {
  "==": "!=",
  "!=": "==",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
};
const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

export function branch(test: Expression, path: Path, walker: Walker): Ways {
  if (test.kind === "unary" && test.operator === "!") {
    const { yes, no } = branch(test.of, path, walker);
    return { yes: no, no: yes };
  }
  if (test.kind === "binary" && (test.operator === "&&" || test.operator === "||")) {
    const first = branch(test.left, path, walker);
    const isAnd = test.operator === "&&";
    const yes: Path[] = isAnd ? [] : [...first.yes];
    const no: Path[] = isAnd ? [...first.no] : [];
    for (const one of isAnd ? first.yes : first.no) {
      const second = branch(test.right, one, walker);
      yes.push(...second.yes);
      no.push(...second.no);
    }
    return { yes, no };
  }
  if (test.kind === "binary" && COMPARISONS.has(test.operator)) {
    const ways: { yes: Path[]; no: Path[] } = { yes: [], no: [] };
    const operator = test.operator as Comparison;
    for (const one of prepare(test, path, walker)) {
      const left = valueIn(test.left, one, walker);
      const right = valueIn(test.right, one, walker);
      one.prepared.clear();
      collect(ways, decide(operator, left, right, test, one, walker));
    }
    return ways;
  }
  const ways: { yes: Path[]; no: Path[] } = { yes: [], no: [] };
  for (const outcome of evaluate(test, path, walker)) collect(ways, truth(outcome, test, walker));
  return ways;
}

function collect(ways: { yes: Path[]; no: Path[] }, { yes, no }: Decided): void {
  if (yes !== undefined) ways.yes.push(yes);
  if (no !== undefined) ways.no.push(no);
}

interface Decided {
  readonly yes: Path | undefined;
  readonly no: Path | undefined;
}

/** Whether a value is something else than 0. What a comparison gave is that comparison. */
export function truth({ path, value }: Outcome, node: Expression, walker: Walker): Decided {
  if (value.kind === "number" && value.operator !== undefined) {
    const [left, right] = value.operands;
    if (value.operator === "!" && left !== undefined) {
      const { yes, no } = truth({ path, value: left }, node, walker);
      return { yes: no, no: yes };
    }
    if (COMPARISONS.has(value.operator) && left !== undefined && right !== undefined)
      return decide(value.operator as Comparison, left, right, node, path, walker);
  }
  return decide("!=", value, walker.values.constant(0), node, path, walker);
}

/** What a comparison comes to: one way where that is known, two otherwise. The path given is one of them. */
export function decide(
  operator: Comparison,
  left: Value,
  right: Value,
  node: Expression,
  path: Path,
  walker: Walker,
): Decided {
  const known = answer(operator, left, right, path);
  const isLoose = (left.kind === "number" && left.isLoose) || (right.kind === "number" && right.isLoose);
  const yes = known === false ? undefined : path;
  const no = known === true ? undefined : known === false ? path : path.fork();
  const result: Decided = {
    yes: yes && assume(operator, left, right, yes, known === undefined),
    no: no && assume(OPPOSITE[operator], left, right, no, known === undefined),
  };
  const isUnsure = isLoose ? !isLoopTest(node, path) : isOfCompiler(left) && isOfCompiler(right);
  if (known === undefined && isUnsure) {
    // After many turns nobody knows which of the two ways goes with what happened before; the compiler knows its sizes.
    if (result.yes !== undefined) result.yes.isCertain = false;
    if (result.no !== undefined) result.no.isCertain = false;
  }
  if (result.yes !== undefined) tell(operator, left, right, true, node, result.yes, walker);
  if (result.no !== undefined) tell(operator, left, right, false, node, result.no, walker);
  return result;
}

/** A constant, or a size that only the compiler knows. */
function isOfCompiler(value: Value): boolean {
  if (value.kind !== "number") return false;
  if (value.low === value.high) return true;
  return value.operator === undefined && value.source?.kind === "global" && value.source.name.startsWith("sizeof ");
}

function isLoopTest(node: Expression, { frame }: Path): boolean {
  const { at } = frame;
  return at.kind === "branch" && at.loop !== undefined && at.test === node;
}

function tell(
  operator: Comparison,
  left: Value,
  right: Value,
  holds: boolean,
  node: Expression,
  path: Path,
  walker: Walker,
): void {
  if (walker.hears("compare")) walker.tell("compare", { operator, left, right, holds, node }, path);
}

/** Undefined where it may come out either way. */
export function answer(operator: Comparison, left: Value, right: Value, path: Path): boolean | undefined {
  if (left.kind === "uninitialised" || right.kind === "uninitialised") return undefined;
  if (left.kind === "pointer" || right.kind === "pointer") return pointerAnswer(operator, left, right, path);
  if (left.id === right.id) return operator === "==" || operator === "<=" || operator === ">=";
  const a = path.boundsOf(left);
  const b = path.boundsOf(right);
  const sure = numberAnswer(operator, a, b, left, right);
  if (sure !== undefined) return sure;
  const { key, isSame } = keyOf(operator, left, right);
  const before = path.decided.get(key);
  return before === undefined ? undefined : before === isSame;
}

function numberAnswer(
  operator: Comparison,
  a: Bounds,
  b: Bounds,
  left: NumberValue,
  right: NumberValue,
): boolean | undefined {
  if (operator === "==" || operator === "!=") {
    const isEqual = operator === "==";
    if (a.low === a.high && b.low === b.high && Number.isFinite(a.low) && a.low === b.low) return isEqual;
    if (a.high < b.low || b.high < a.low) return comparesAsIs(a, b, left, right) ? !isEqual : undefined;
    if ((a.notZero && b.low === 0 && b.high === 0) || (b.notZero && a.low === 0 && a.high === 0)) return !isEqual;
    return undefined;
  }
  if (!comparesAsIs(a, b, left, right)) return undefined;
  switch (operator) {
    case "<":
      return a.high < b.low ? true : a.low >= b.high ? false : undefined;
    case "<=":
      return a.high <= b.low ? true : a.low > b.high ? false : undefined;
    case ">":
      return a.low > b.high ? true : a.high <= b.low ? false : undefined;
    default:
      return a.low >= b.high ? true : a.high < b.low ? false : undefined;
  }
}

/** Whether the numbers are compared as they are: a negative one beside one without a sign is another number. */
function comparesAsIs(a: Bounds, b: Bounds, left: NumberValue, right: NumberValue): boolean {
  if (a.low >= 0 && b.low >= 0) return true;
  return commonType(left, right).isSigned === true;
}

function pointerAnswer(operator: Comparison, left: Value, right: Value, path: Path): boolean | undefined {
  if (operator !== "==" && operator !== "!=") return undefined;
  const [pointer, other] = left.kind === "pointer" ? [left, right] : [right as PointerValue, left];
  const isEqual = operator === "==";
  if (other.kind === "pointer") {
    if (other.id === pointer.id && pointer.offset !== undefined) return isEqual;
    return undefined;
  }
  if (!isZero(other, path)) return undefined;
  const nullness = path.isNull(pointer.thing);
  if (nullness === "null") return pointer.offset === 0 ? isEqual : undefined;
  return nullness === "never" ? !isEqual : undefined;
}

function isZero(value: Value, path: Path): boolean {
  if (value.kind !== "number") return false;
  const { low, high } = path.boundsOf(value);
  return low === 0 && high === 0;
}

/** A comparison of two unknowns, in one form for all ways of writing it. */
function keyOf(operator: Comparison, left: Value, right: Value): { readonly key: string; readonly isSame: boolean } {
  let [name, a, b, isSame] = [operator, left.id, right.id, true];
  if (name === ">" || name === "<=") {
    [a, b] = [b, a];
    name = MIRRORED[name];
  }
  if (name === "!=" || name === ">=") {
    name = OPPOSITE[name];
    isSame = false;
  }
  if (name === "==" && a > b) [a, b] = [b, a];
  return { key: `${name} ${a} ${b}`, isSame };
}

/** Undefined where it turns out that this cannot be. */
export function assume(operator: Comparison, left: Value, right: Value, path: Path, isNew: boolean): Path | undefined {
  if (!isNew) return path;
  if (left.kind === "uninitialised" || right.kind === "uninitialised") return path;
  if (left.kind === "pointer" || right.kind === "pointer") {
    const [pointer, other] = left.kind === "pointer" ? [left, right] : [right as PointerValue, left];
    if (operator !== "==" && operator !== "!=") return path;
    if (other.kind === "pointer") {
      if (operator === "==") assumeSame(pointer, other, path);
    } else if (isZero(other, path)) path.nullness.set(pointer.thing.id, operator === "==" ? "null" : "never");
    return path;
  }
  const a = path.boundsOf(left);
  const b = path.boundsOf(right);
  if (!narrow(operator, left, right, a, b, path)) return undefined;
  if (!narrow(MIRRORED[operator], right, left, b, a, path)) return undefined;
  const isEquality = operator === "==" || operator === "!=";
  if (isEquality || (a.low !== a.high && b.low !== b.high)) {
    const { key, isSame } = keyOf(operator, left, right);
    path.decided.set(key, isSame);
  }
  return path;
}

/** What equals a pointer that is not NULL is none either. */
function assumeSame(one: PointerValue, other: PointerValue, path: Path): void {
  if (path.isNull(one.thing) === "never") path.nullness.set(other.thing.id, "never");
  else if (path.isNull(other.thing) === "never") path.nullness.set(one.thing.id, "never");
}

/** What the left one is when it compares so with the right one. */
function narrow(
  operator: Comparison,
  left: NumberValue,
  right: NumberValue,
  a: Bounds,
  b: Bounds,
  path: Path,
): boolean {
  let { low, high, notZero } = a;
  const isUnsigned = commonType(left, right).isSigned === false;
  const isAsIs = comparesAsIs(a, b, left, right);
  switch (operator) {
    case "==":
      if (isAsIs || (b.low === b.high && !isUnsigned)) {
        low = Math.max(low, b.low);
        high = Math.min(high, b.high);
        notZero ||= b.notZero;
      }
      break;
    case "!=":
      if (b.low === 0 && b.high === 0) notZero = true;
      if (b.low === b.high && low === b.low) low++;
      if (b.low === b.high && high === b.low) high--;
      break;
    case "<":
    case "<=": {
      const top = operator === "<" ? b.high - 1 : b.high;
      if (isAsIs) high = Math.min(high, top);
      else if (isUnsigned && b.low >= 0 && top < halfOf(left, right)) {
        // Without its sign a negative number is larger than any that has none.
        low = Math.max(low, 0);
        high = Math.min(high, top);
      }
      break;
    }
    default:
      if (isAsIs) low = Math.max(low, operator === ">" ? b.low + 1 : b.low);
      if (isAsIs && low > 0) notZero = true;
  }
  if (low > high) return false;
  if (low !== a.low || high !== a.high || notZero !== a.notZero)
    path.bounds.set(left.id, { low, high, notZero: notZero || low > 0 || high < 0, of: left });
  return true;
}

/** Where the numbers begin that would be negative with a sign. */
function halfOf(left: NumberValue, right: NumberValue): number {
  return 2 ** ((commonType(left, right).width ?? 4) * 8 - 1);
}
