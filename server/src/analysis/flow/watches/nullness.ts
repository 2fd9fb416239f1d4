/** Watch: pointers that may be NULL are asked about before they are used. */

import type { KfuncFact } from "../../knowledge/types.ts";
import type { MapFacts } from "../../model.ts";
import type { Path } from "../path.ts";
import type { CallExpression, Expression } from "../tree.ts";
import type { PointerValue, Thing, Value } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

/** Where something was added to a pointer before anybody asked, by the id of what it points to. */
type Moved = ReadonlyMap<number, Expression>;

const NONE: Moved = new Map();
/** Id of nothing: that NULL itself was given to a function was said on this path. */
const SAID = 0;

export const nullness: Watch<Moved> = {
  name: "nullness",
  start: () => NONE,
  key: (slot, nameOf) => (slot === NONE ? "" : [...slot.keys()].map(nameOf).join(" ")),
  access: ({ pointer, node, isWrite }, on) => {
    if (isMissing(pointer, on.path)) tell(pointer, node, { how: isWrite ? "write" : "read" }, on);
  },
  arithmetic: ({ operator, pointer, node, other }, on) => {
    // Only a difference of two pointers is harmless.
    if (other.kind !== "number" || (operator !== "+" && operator !== "-") || !isUnasked(pointer, on.path)) return;
    // Whether the compiler does it before it asks is seen once it is used, or asked about.
    const { low, high } = on.path.boundsOf(other);
    if (low !== 0 || high !== 0) rememberMove(pointer, node, on);
  },
  address: ({ pointer, node }, on) => {
    if (pointer.offset !== 0 && isUnasked(pointer, on.path)) rememberMove(pointer, node, on);
  },
  compare: ({ left, right }, on) => {
    if (on.slot === NONE) return;
    for (const one of [left, right])
      if (one.kind === "pointer" && isMoved(one, on)) on.path.nullness.set(one.thing.id, "maybe");
  },
  call: (event, on) => {
    if (event.isUnknown) return undefined;
    for (let i = 0; i < event.args.length; i++) {
      const arg = event.args[i];
      const node = event.call.args[i];
      if (arg === undefined || node === undefined) continue;
      if (isMissing(arg, on.path)) {
        if (isRefused(event, i) || isExchanged(event, i, arg, on.path))
          tell(arg, node, { how: "given", to: event.name }, on);
      } else if (isNothing(arg) && isRefused(event, i) && isToldHere(event, i, node)) tellNothing(node, event.name, on);
    }
    return undefined;
  },
};

/** To compare what was moved asks nothing: for the compiler it is never NULL. */
function isMoved({ thing, offset }: PointerValue, { walk, path, slot }: On<Moved>): boolean {
  if (offset === 0 || thing.nullness !== "maybe" || path.isNull(thing) !== "never") return false;
  const node = slot.get(thing.id);
  return node?.kind === "assignment" || node?.kind === "update" || (node?.kind === "call" && isBehindFirst(node, walk));
}

/** Whether `container_of(part, struct whole, field)` goes back at all: from the first field it does not. */
function isBehindFirst({ texts }: CallExpression, { model }: Walk): boolean {
  const [, type = "", field = ""] = texts;
  const fields = model.recordOf(type.trim())?.fields ?? [];
  return fields.findIndex(({ name }) => name === field.trim()) > 0;
}

function rememberMove({ thing }: PointerValue, node: Expression, on: On<Moved>): void {
  if (!on.slot.has(thing.id)) on.slot = new Map(on.slot).set(thing.id, node);
}

/** Kinds of arguments of which the verifier asks no more than that it is a number, or that take NULL. */
const ANY: ReadonlySet<string> = new Set(["number", "kptr", "constant", "size", "function"]);

/** Whether the verifier refuses what may be NULL there. Of kfuncs without such flags that depends on the release. */
function isRefused({ helper, kfunc }: CallEvent, i: number): boolean {
  if (helper !== undefined) {
    const param = helper.params[i];
    return param?.kind !== undefined && param.optional !== true && !ANY.has(param.kind);
  }
  return kfunc !== undefined && asksFirst(kfunc) && takesNoNull(kfunc, i);
}

/** Of helpers: contexts and sockets differ from one type of program to another. */
const NEVER_NULL: ReadonlySet<string> = new Set([
  "map",
  "key",
  "value",
  "memory",
  "string",
  "dynptr",
  "timer",
  "spin lock",
  "ring buffer record",
  "per-CPU pointer",
]);

/** That the words `NULL` and `0` are no address needs no walk to see. */
function isToldHere({ helper }: CallEvent, i: number, node: Expression): boolean {
  if (helper === undefined) return true;
  const isWord = node.kind === "number" || (node.kind === "name" && node.name === "NULL");
  return !isWord && NEVER_NULL.has(helper.params[i]?.kind ?? "");
}

/** NULL itself may be put in the place of what a map keeps, but not what may be NULL. */
function isExchanged({ name }: CallEvent, i: number, arg: PointerValue, path: Path): boolean {
  return name === "bpf_kptr_xchg" && i === 1 && isUnasked(arg, path);
}

function asksFirst({ name, flags }: KfuncFact): boolean {
  return (
    flags.includes("KF_TRUSTED_ARGS") || flags.includes("KF_RCU") || flags.includes("KF_RELEASE") || GRAPHS.test(name)
  );
}

/** Lists and trees take nodes that are there, whatever their flags say. */
const GRAPHS = /^bpf_(?:list_push_(?:front|back)|rbtree_(?:add|remove))(?:_impl)?$/;

/** Endings of names by which a kfunc takes NULL, or anything; a size behind a pointer may make it none. */
const TAKES_ANY = /__(?:nullable|opt|ign|k|uninit|map|prog)$/;

function takesNoNull({ params }: KfuncFact, i: number): boolean {
  const param = params?.[i];
  if (param === undefined || param.optional === true || !param.type.includes("*") || TAKES_ANY.test(param.name))
    return false;
  return !/__szk?$/.test(params?.[i + 1]?.name ?? "");
}

function isNothing(value: Value): boolean {
  return value.kind === "number" && value.low === 0 && value.high === 0;
}

function isUnasked(value: Value, path: Path): value is PointerValue {
  return value.kind === "pointer" && path.isNull(value.thing) === "maybe";
}

function isMissing(value: Value, path: Path): value is PointerValue {
  if (value.kind !== "pointer") return false;
  const state = path.isNull(value.thing);
  return state === "maybe" || (state === "null" && value.thing.nullness === "maybe");
}

interface Use {
  readonly how: "read" | "write" | "given";
  /** What it is given to. */
  readonly to?: string;
}

function tell(pointer: PointerValue, node: Expression, { how, to }: Use, on: On<Moved>): void {
  const { walk, path } = on;
  const { thing } = pointer;
  const isNull = path.isNull(thing) === "null";
  const moved = isNull ? undefined : on.slot.get(thing.id);
  const at = moved ?? node;
  const array = inArray(thing, path, walk);
  const used = { span: walk.spanOf(path, node), message: "it is used here" };
  const { site, routine } = path.frame;
  walk.report(path, {
    kind: isNull ? "is null" : array.element === undefined ? "may be null" : "element may be null",
    span: { start: at.start, end: at.end },
    about: thing.source.name,
    node: at,
    thing,
    facts: {
      how,
      to,
      within: site === undefined ? undefined : routine.name,
      ...array,
    },
    story: [{ span: thing.source.span, message: "it comes from here" }, ...(at === node ? [] : [used])],
  });
  // One report is enough.
  path.nullness.set(thing.id, "never");
}

function tellNothing(node: Expression, to: string, on: On<Moved>): void {
  const { walk, path, slot } = on;
  if (slot.has(SAID)) return;
  on.slot = new Map(slot).set(SAID, node);
  const { site, routine } = path.frame;
  const within = site === undefined ? undefined : routine.name;
  walk.report(path, {
    kind: "null given",
    span: { start: node.start, end: node.end },
    about: to,
    node,
    facts: { how: "given", to, within },
  });
}

const ARRAYS: ReadonlySet<string> = new Set(["BPF_MAP_TYPE_ARRAY", "BPF_MAP_TYPE_PERCPU_ARRAY"]);

/**
 * Newer kernels know that a constant index below the number of elements is there. Whether it is constant, the verifier
 * may know better than we do: unless it surely comes from outside.
 */
function inArray(thing: Thing, path: Path, { model }: Walk): { element?: "there" | "perhaps"; index?: number } {
  const { source, lookup } = thing;
  if (source.name !== "bpf_map_lookup_elem") return {};
  const map: MapFacts | undefined = lookup && model.mapNamed(lookup.map);
  if (map?.type !== undefined && !ARRAYS.has(map.type)) return {};
  const key = lookup?.key;
  if (key?.kind !== "number") return { element: "perhaps" };
  const { low, high } = path.boundsOf(key);
  if (low !== high) return isFromOutside(key) ? {} : { element: "perhaps" };
  if (map?.type === undefined || map.maxEntries === undefined) return { element: "perhaps" };
  return low >= 0 && low < map.maxEntries ? { element: "there", index: low } : {};
}

function isFromOutside(value: Value): boolean {
  if (value.kind !== "number" || value.isLoose || value.low === value.high) return false;
  if (value.operator !== undefined) return value.operands.some(isFromOutside);
  const { source } = value;
  if (source === undefined) return false;
  return source.kind === "call" || (source.kind === "load" && (source.from === "context" || source.from === "global"));
}
