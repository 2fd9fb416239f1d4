/** Watch: sizes, and how far into memory an index reaches, are bounded on every path before they are used. */

import type { Param } from "../../knowledge/types.ts";
import { countsUp } from "../endless.ts";
import { type Asked, askedBy, exactly, isAskedAlike, nothingAsked, origin } from "../exact.ts";
import type { Interval } from "../numbers.ts";
import type { Expression } from "../tree.ts";
import type { NumberValue, PointerValue, Thing, ThingKind, Value } from "../values.ts";
import type { AccessEvent, ArithmeticEvent, CallEvent, CompareEvent, On, Watch } from "../watch.ts";

/** As far as the verifier lets any offset or size go. */
const FARTHEST = 2 ** 29;

export const bounds: Watch<Asked> = {
  name: "bounds",
  start: nothingAsked,
  compare: (event, on) => {
    on.slot = askedBy(event, on.slot, on.path);
    if (event.holds) ofLoop(event, on);
  },
  call: (event, on) => {
    const { helper, kfunc, isUnknown } = event;
    const params = helper?.params ?? kfunc?.params;
    if (params === undefined) {
      if (!isUnknown) ofBuiltin(event, on);
    } else
      for (let i = 0; i < params.length; i++) {
        const param = params[i];
        if (param !== undefined) ofArgument(param, i, event, on);
      }
    return undefined;
  },
  access: (event, on) => ofAccess(event, on),
  part: (event, on) => ofAccess(event, on),
  store: ({ pointer, node, size }, on) => {
    // Other writes than those of statements are told by who makes them.
    if (node.kind === "index" || node.kind === "member")
      ofAccess({ pointer, node, size, offset: pointer.kind === "pointer" ? pointer.offset : undefined }, on);
  },
  arithmetic: (event, on) => ofArithmetic(event, on),
};

type Here = On<Asked>;

/** In fewer turns than these the verifier may come through, a turn having some instructions, and a million being its limit. */
const TURNS = 2 ** 20;

/** The first turn of a loop whose limit is anything: the verifier goes on until it has seen too many instructions or jumps. */
function ofLoop({ left, right, node }: CompareEvent, on: Here): void {
  const { routine, at } = on.path.frame;
  if (at.kind !== "branch" || at.loop !== "yes" || at.test !== node || node.kind !== "binary") return;
  if (left.kind !== "number" || left.low !== left.high || right.kind !== "number" || right.low === right.high) return;
  const found = exactly(right, on.slot, on.path, on.walk);
  if (found === undefined || found.high < TURNS) return;
  const { kb } = on.walk;
  if (!countsUp(at, routine.graph, (name) => name === "bpf_printk" || kb.helper(name) !== undefined)) return;
  tell("loop open", right, node.right, ends(found), on);
}

/** What kfuncs call such parameters. */
const KFUNC_SIZE = /__szk?$/;
const KFUNC_CONSTANT = /__(?:szk|k)$/;

function ofArgument(param: Param, i: number, { call, args, name, kfunc }: CallEvent, on: Here): void {
  const isSize = param.kind === "size" || (kfunc !== undefined && KFUNC_SIZE.test(param.name));
  const isConstant = param.kind === "constant" || (kfunc !== undefined && KFUNC_CONSTANT.test(param.name));
  const [value, node] = [args[i], call.args[i]];
  if ((!isSize && !isConstant) || value?.kind !== "number" || node === undefined) return;
  const { low, high } = on.path.boundsOf(value);
  if (low === high) return;
  const found = exactly(value, on.slot, on.path, on.walk);
  if (found === undefined) return;
  const memory = memoryOf(args[i - 1], call.args[i - 1], on);
  const mayBeZero = param.optional === true || kfunc !== undefined || on.path.boundsOf(value).notZero;
  const kind = isConstant
    ? "size not constant"
    : (troubleWith(found, memory, mayBeZero) ?? (isHalfTested(value, param, on) ? "size half tested" : undefined));
  if (kind !== undefined) tell(kind, value, node, { callee: name, ...ends(found), ...memory, place: i }, on);
}

function troubleWith({ low, high }: Interval, { room, of }: Memory, mayBeZero: boolean): string | undefined {
  // Nothing that is left would do: somebody has looked, and does not come this way.
  if (high < 0 || low >= Math.min(FARTHEST, room ?? FARTHEST)) return undefined;
  if (low < 0) return "size negative";
  if (high >= FARTHEST) return "size unbounded";
  if (low === 0 && !mayBeZero) return "size zero";
  // What lies behind a variable of the file is another one, and belongs to the same map.
  return room !== undefined && high > room && of !== "global" ? "size too large" : undefined;
}

/**
 * A number of 64 bits in a variable of 32, which was compared and is handed over: clang compares a copy of the lower half, and
 * hands over the whole, of which the verifier learnt nothing.
 */
function isHalfTested(value: NumberValue, { type }: Param, { path, walk }: Here): boolean {
  if (value.width !== 4 || !/^(?:__)?u32$/.test(type)) return false;
  const [whole] = value.operands;
  if (value.operator === "cast" && whole?.kind === "number")
    return whole.width === 8 && whole.operator === undefined && path.boundsOf(whole).high >= FARTHEST;
  const { source } = value;
  if (value.operator !== undefined || source?.kind !== "call") return false;
  return walk.kb.helper(source.name)?.returns === "long" && value.low < 0;
}

interface Memory {
  readonly room?: number;
  readonly of?: ThingKind;
  /** So much is left where the pointer leads at most. */
  readonly isMoved?: true;
  /** What `sizeof` can be asked of. */
  readonly name?: string;
}

/** How much room there is from a pointer on, where that is known. */
function memoryOf(value: Value | undefined, node: Expression | undefined, on: Here): Memory {
  if (value?.kind !== "pointer" || value.offset === undefined) return {};
  const size = sizeOfThing(value.thing, on);
  if (size === undefined) return {};
  if (value.added.length > 0) {
    // As far on as it may lead, the whole size must still fit: the verifier keeps no sum of the two in mind.
    const reach = value.thing.kind === "variable" ? undefined : reachOf(value, on);
    const room = reach === undefined ? 0 : size - value.offset - reach.high;
    return room > 0 ? { room, of: value.thing.kind, isMoved: true } : {};
  }
  const name = value.offset === 0 ? arrayIn(node, value.thing, on) : undefined;
  return { room: size - value.offset, of: value.thing.kind, ...(name !== undefined && { name }) };
}

/** The variable, where it is all of the memory that is given. */
function arrayIn(node: Expression | undefined, { variable, kind }: Thing, { walk }: Here): string | undefined {
  if (node?.kind === "unary" && node.operator === "&" && node.of.kind === "name") return node.of.name;
  if (node?.kind !== "name") return undefined;
  if (kind === "variable")
    return variable?.name === node.name && variable.declaration?.dimensions.length ? node.name : undefined;
  const isArray = walk.model.globals.some(({ name, bounds: all }) => name === node.name && all !== "");
  return kind === "global" && isArray ? node.name : undefined;
}

function sizeOfThing(thing: Thing, { path, walk }: Here): number | undefined {
  return BOUNDED.has(thing.kind) ? walk.sizeOf(path, thing) : undefined;
}

/** Memory that has an end. */
const BOUNDED: ReadonlySet<ThingKind> = new Set(["variable", "global", "map value", "record", "memory"]);

/** clang makes stores of them, as long as it knows how many. */
const INLINED = 1024;

function ofBuiltin({ call, args, name }: CallEvent, on: Here): void {
  const [value, node] = [args[2], call.args[2]];
  if (value?.kind !== "number" || node === undefined || !/mem(?:set|cpy|move)$/.test(name)) return;
  const { low, high } = on.path.boundsOf(value);
  const found = low === high ? { low, high } : exactly(value, on.slot, on.path, on.walk);
  if (found === undefined || (low === high && low <= INLINED)) return;
  tell("built-in size", value, node, { callee: name, low: found.low, high: found.high }, on);
}

type Looked = Pick<AccessEvent, "pointer" | "node" | "offset" | "size">;

function ofAccess({ pointer, offset, size, node }: Looked, on: Here): void {
  if (pointer.kind !== "pointer" || pointer.added.length === 0 || size === undefined || offset === undefined) return;
  const whole = sizeOfThing(pointer.thing, on);
  if (whole === undefined) return;
  let [low, high] = [offset, offset + size];
  for (const one of pointer.added) {
    const { low: from, high: to } = on.path.boundsOf(one);
    low += from;
    high += to;
  }
  if (low >= 0 && high <= whole) return;
  const reach = reachOf(pointer, on);
  if (reach !== undefined)
    ofReach({ low: reach.low + offset, high: reach.high + offset + size }, whole, pointer, node, on);
}

/** From where to where the numbers that were added may lead. */
function reachOf({ added }: PointerValue, on: Here): Interval | undefined {
  let [low, high] = [0, 0];
  for (const one of added) {
    const found = exactly(one, on.slot, on.path, on.walk);
    if (found === undefined) return undefined;
    low += found.low;
    high += found.high;
  }
  return { low, high };
}

function ofReach(reach: Interval, whole: number, { thing, added }: PointerValue, node: Expression, on: Here): void {
  const { low, high } = reach;
  const last = added.at(-1);
  if (last === undefined || (low >= 0 && high <= whole)) return;
  // Nothing that is left would do: somebody has looked, and does not come this way.
  if (low >= whole || high <= 0) return;
  const kind = low < 0 ? "index negative" : high >= FARTHEST ? "index unbounded" : "index too large";
  const index = indexOf(last);
  const found = exactly(index, on.slot, on.path, on.walk) ?? reach;
  const facts = { ...ends(found), from: low, to: high, whole, of: thing.kind, count: countOf(last, whole) };
  tell(kind, index, innermost(node), facts, on, thing);
}

/** The number that is written there, before it is multiplied by what one element takes. */
function indexOf(added: NumberValue): NumberValue {
  const [by] = added.operands;
  return added.operator === "*" && by?.kind === "number" ? by : added;
}

/** How many elements there are, as far as the last index goes. */
function countOf({ operator, operands }: NumberValue, whole: number): number {
  const size = operator === "*" ? operands[1] : undefined;
  return size?.kind === "number" ? Math.floor(whole / size.low) : whole;
}

/** The index that was written last: `a->b[i].c` is about `i`. */
function innermost(node: Expression): Expression {
  if (node.kind === "index") return node.index;
  return node.kind === "member" && !node.isArrow ? innermost(node.of) : node;
}

const ends = ({ low, high }: Interval) => ({ low, high });

function ofArithmetic({ operator, pointer, other, node }: ArithmeticEvent, on: Here): void {
  if (other.kind !== "number" || (operator !== "+" && operator !== "-") || !BOUNDED.has(pointer.thing.kind)) return;
  const { low, high } = on.path.boundsOf(other);
  if (low > -FARTHEST && high < Number.POSITIVE_INFINITY) return;
  const found = exactly(other, on.slot, on.path, on.walk);
  if (found === undefined || (found.low > -FARTHEST && found.high < Number.POSITIVE_INFINITY)) return;
  const by = node.kind === "binary" || node.kind === "assignment" ? node.right : node;
  tell("offset unbounded", other, by, { ...ends(found), of: pointer.thing.kind }, on, pointer.thing);
}

function tell(
  kind: string,
  value: NumberValue,
  node: Expression,
  facts: Readonly<Record<string, string | number | boolean | undefined>>,
  on: Here,
  thing?: Thing,
): void {
  const from = origin(value);
  const asked = on.slot;
  const isFarther = from !== undefined && from.span.end > from.span.start;
  on.walk.report(on.path, {
    kind,
    span: { start: node.start, end: node.end },
    about: node.kind === "name" ? node.name : "",
    node,
    thing,
    facts: { ...facts, source: from?.name },
    stands: () => isAskedAlike(value, asked),
    ...(isFarther && { story: [{ span: from.span, message: "it comes from here" }] }),
  });
  // Said once is enough: from here on nobody is sure of it.
  on.slot = { ...asked, left: value, right: value, at: -1, before: asked };
}
