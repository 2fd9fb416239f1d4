/** Watch: what is read of variables was written before, byte by byte. */

import type { MapFacts } from "../../model.ts";
import { isAggregate, readType } from "../ctypes.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, Thing, Value } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

/** Bytes of a variable to which nothing was written: from one, up to the other. */
type Gap = readonly [number, number];

interface Unwritten {
  /** Of which call of which function. */
  readonly frame: number;
  readonly variable: number;
  readonly gaps: readonly Gap[];
}

/** By the id of the array or structure as a thing; what is not there is whole. Of numbers the path knows it itself. */
type Slot = ReadonlyMap<number, Unwritten>;

const NONE: Slot = new Map();
/** A stack has no more. */
const MAX = 512;

export const written: Watch<Slot> = {
  name: "written",
  start: () => NONE,
  key: (slot) => {
    if (slot.size === 0) return "";
    let text = "";
    for (const { frame, variable, gaps } of slot.values()) text += `${frame}:${variable}=${gaps.join(" ")};`;
    return text;
  },
  declare: ({ dimensions, type: text }, { thing }, on) => {
    const { size, frame, id, variable } = thing;
    if (
      isNumber(dimensions.length, text, on.walk) ||
      variable === undefined ||
      size === undefined ||
      size <= 0 ||
      size > MAX
    )
      return;
    change(id, { frame, variable: variable.index, gaps: [[0, size]] }, on);
  },
  leave: (_, on) => {
    const { id } = on.path.frame;
    for (const [thing, { frame }] of on.slot) if (frame === id) change(thing, undefined, on);
  },
  store: ({ pointer, value, size }, on) => {
    if (on.slot.size === 0) return;
    // Whoever it is kept for may write through it.
    if (value.kind === "pointer" && on.slot.has(value.thing.id) && isKept(pointer))
      change(value.thing.id, undefined, on);
    if (pointer.kind === "pointer") fill(pointer, size, on);
  },
  part: ({ pointer, node, size }, on) => {
    if (pointer.kind === "pointer") read(pointer, size, { node, how: "part" }, on);
  },
  access: ({ pointer, node, size, isWrite }, on) => {
    if (!isWrite && pointer.kind === "pointer") read(pointer, size, { node, how: "access" }, on);
  },
  uninitialised: (node, on) => tellWhole(node, on),
  call: (event, on) => {
    if (event.helper !== undefined) ofHelper(event, on);
    return undefined;
  },
};

/** A pointer in a variable of its own is followed. */
function isKept(pointer: Value): boolean {
  return (
    pointer.kind !== "pointer" || pointer.thing.kind !== "variable" || pointer.path !== "" || pointer.added.length > 0
  );
}

function change(id: number, to: Unwritten | undefined, on: On<Slot>): void {
  if (to === undefined && !on.slot.has(id)) return;
  const next = new Map(on.slot);
  if (to === undefined) next.delete(id);
  else next.set(id, to);
  on.slot = next;
}

/** What is not known to be beside a gap fills it. */
function fill({ thing, offset, added }: PointerValue, size: number | undefined, on: On<Slot>): void {
  const known = on.slot.get(thing.id);
  if (known === undefined) return;
  if (offset === undefined || size === undefined || added.length > 0) {
    change(thing.id, undefined, on);
    return;
  }
  const gaps = known.gaps.flatMap(([start, end]): readonly Gap[] => {
    const left = Math.min(end, offset);
    const right = Math.max(start, offset + size);
    return [...(start < left ? [[start, left] as const] : []), ...(right < end ? [[right, end] as const] : [])];
  });
  change(thing.id, gaps.length === 0 ? undefined : { ...known, gaps }, on);
}

interface Read {
  readonly node: Expression;
  /** `part` and `access` are the program's own, the others a helper's. */
  readonly how: "part" | "access" | "key" | "value" | "memory";
  readonly callee?: string;
  readonly map?: string | undefined;
}

function read({ thing, offset, added }: PointerValue, size: number | undefined, by: Read, on: On<Slot>): void {
  const known = on.slot.get(thing.id)?.gaps ?? gapsOfNumber(thing, on);
  if (known.length === 0 || offset === undefined || added.length > 0 || size === undefined) return;
  const gaps = known
    .map(([start, end]): Gap => [Math.max(start, offset), Math.min(end, offset + size)])
    .filter(([start, end]) => start < end);
  const [first] = gaps;
  if (first === undefined || thing.variable === undefined || isBeingDeclared(thing, on)) return;
  // Of its own reads the compiler makes what it likes: only what was never written at all is told.
  if ((by.how === "part" || by.how === "access") && (gaps.length > 1 || first[1] - first[0] !== size)) return;
  on.walk.report(on.path, {
    kind: "unwritten",
    span: { start: by.node.start, end: by.node.end },
    about: thing.name,
    node: by.node,
    thing,
    facts: { how: by.how, callee: by.callee, map: by.map, gaps: gaps.join(" "), offset, size },
  });
  change(thing.id, undefined, on);
}

function isNumber(dimensions: number, type: string, { model: { types } }: Walk): boolean {
  return dimensions === 0 && !isAggregate(readType(type, types), types);
}

/** `struct pair p = { .a = 1, .b = p.a }`: compilers write one field after the other, though C does not say so. */
function isBeingDeclared({ variable }: Thing, { path: { frame } }: On<Slot>): boolean {
  return frame.at.kind === "declare" && frame.at.variable === variable;
}

const NO_GAPS: readonly Gap[] = [];

function gapsOfNumber({ variable, frame, size }: Thing, { path, walk }: On<Slot>): readonly Gap[] {
  if (variable === undefined || size === undefined) return NO_GAPS;
  const value = path.frames.find(({ id }) => id === frame)?.variables.get(variable.index);
  if (value?.kind !== "uninitialised") return NO_GAPS;
  return isNumber(variable.declaration?.dimensions.length ?? 0, variable.type, walk) ? [[0, size]] : NO_GAPS;
}

function tellWhole(node: Expression, { walk, path }: On<Slot>): void {
  if (node.kind !== "name") return;
  walk.report(path, {
    kind: "unwritten",
    span: { start: node.start, end: node.end },
    about: node.name,
    node,
    facts: { how: "value" },
  });
}

function ofHelper({ call, args, helper, map }: CallEvent, on: On<Slot>): void {
  const params = helper?.params ?? [];
  for (let i = 0; i < params.length; i++) {
    const [param, arg, node] = [params[i], args[i], call.args[i]];
    if (param === undefined || arg?.kind !== "pointer" || node === undefined) continue;
    const how = arg.thing.kind === "variable" ? howRead(param) : undefined;
    if (how === undefined) continue;
    const size = sizeRead(how, map, params[i + 1]?.kind === "size" ? args[i + 1] : undefined, on);
    read(arg, size, { node, how, callee: call.name, map: map?.name }, on);
  }
}

function howRead({ kind, written: isWritten }: { readonly kind?: string; readonly written?: true }) {
  if (isWritten === true) return undefined;
  return kind === "key" || kind === "value" || kind === "memory" ? kind : undefined;
}

function sizeRead(
  how: "key" | "value" | "memory",
  map: MapFacts | undefined,
  size: Value | undefined,
  { path }: On<Slot>,
): number | undefined {
  if (how === "key") return map?.keySize;
  if (how === "value") return map?.valueSize;
  if (size?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(size);
  return low === high && Number.isFinite(low) ? low : undefined;
}
