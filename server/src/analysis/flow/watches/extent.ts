/** Watch: what is read or written lies within what is pointed to, where the place and both sizes are known. */

import type { Param } from "../../knowledge/types.ts";
import type { MapFacts } from "../../model.ts";
import { isAggregate, readType } from "../ctypes.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, ThingKind, Value } from "../values.ts";
import type { CallEvent, On, Walk, Watch } from "../watch.ts";

export const extent: Watch<undefined> = {
  name: "extent",
  start: () => undefined,
  access: (event, on) => look(event, on),
  part: (event, on) => look(event, on),
  store: ({ pointer, node, size }, on) => {
    // Other writes than those of statements are told by who makes them.
    if (size !== undefined && (node.kind === "index" || node.kind === "member"))
      look({ pointer, node, offset: undefined, size, isWrite: true }, on);
  },
  call: (event, on) => {
    if (event.helper !== undefined) ofHelper(event, on);
    else if (event.kfunc?.params !== undefined) ofKfunc(event, event.kfunc.params, on);
    return undefined;
  },
};

/** What has an end that the verifier knows. Variables of the file lie in one map: there it ends somewhere behind others. */
const BOUNDED: ReadonlySet<ThingKind> = new Set(["variable", "map value", "record", "memory", "global"]);

interface Looked {
  readonly pointer: Value;
  readonly node: Expression;
  readonly offset: number | undefined;
  readonly size: number | undefined;
  readonly isWrite: boolean;
}

function look({ pointer, node, size = 1, isWrite }: Looked, on: On<undefined>): void {
  if (pointer.kind === "pointer" && isBeyond(pointer, size) && !isRelocated(pointer, on))
    tell(pointer, size, node, { how: isWrite ? "writes" : "reads" }, on);
}

function isBeyond({ thing, offset, added }: PointerValue, size: number): boolean {
  if (offset === undefined || added.length > 0) return false;
  // Where the rest of it ends is seen when it is attached; nothing lies before it.
  if (thing.kind === "memory" && thing.size === undefined) return offset < 0 && thing.source.from === "context";
  if (thing.kind === "global" && thing.name === "") return false;
  if (!BOUNDED.has(thing.kind) || thing.size === undefined || thing.size <= 0) return false;
  return offset < 0 || offset + size > thing.size;
}

/** Of the kernel's structures the loader says where their members are, whatever memory they are laid over. */
function isRelocated({ thing, path }: PointerValue, { walk }: On<undefined>): boolean {
  return thing.kind === "global" && path.startsWith(".") && walk.model.code.mentions("preserve_access_index");
}

function ofHelper({ call, args, helper, map }: CallEvent, on: On<undefined>): void {
  const params = helper?.params ?? [];
  for (let i = 0; i < params.length; i++) {
    const [param, arg, node] = [params[i], args[i], call.args[i]];
    if (param === undefined || arg?.kind !== "pointer" || node === undefined) continue;
    const size = sizeWanted(params[i + 1]?.kind, args[i + 1], param.kind, map, on);
    if (size === undefined || !isBeyond(arg, size)) continue;
    const what = { how: param.written === true ? "writes" : "reads", callee: call.name, map: map?.name };
    const given = param.kind === "memory" ? call.args[i + 1] : undefined;
    const wants = given === undefined ? param.kind : undefined;
    tell(arg, size, node, { ...what, wants, sizeStart: given?.start, sizeEnd: given?.end }, on);
  }
}

/** To the kernel the name of a parameter says that it is the size of what stands before it. */
const SIZE = /__szk?$/;

function ofKfunc({ call, args }: CallEvent, params: readonly Param[], on: On<undefined>): void {
  for (let i = 1; i < params.length; i++) {
    if (!SIZE.test(params[i]?.name ?? "")) continue;
    const [arg, node, given] = [args[i - 1], call.args[i - 1], call.args[i]];
    const size = knownNumber(args[i], on);
    if (arg?.kind !== "pointer" || node === undefined || size === undefined || !isBeyond(arg, size)) continue;
    tell(arg, size, node, { how: "reads", callee: call.name, sizeStart: given?.start, sizeEnd: given?.end }, on);
  }
}

/** How many bytes the kernel uses of an argument. */
function sizeWanted(
  next: string | undefined,
  size: Value | undefined,
  kind: string | undefined,
  map: MapFacts | undefined,
  on: On<undefined>,
): number | undefined {
  if (kind === "key") return map?.keySize;
  if (kind === "value") return map?.valueSize;
  return kind === "memory" && next === "size" ? knownNumber(size, on) : undefined;
}

function knownNumber(value: Value | undefined, { path }: On<undefined>): number | undefined {
  if (value?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(value);
  return low === high && Number.isFinite(low) ? low : undefined;
}

function tell(
  pointer: PointerValue,
  size: number,
  node: Expression,
  facts: Readonly<Record<string, string | number | undefined>>,
  { walk, path }: On<undefined>,
): void {
  const { thing, offset } = pointer;
  walk.report(path, {
    kind: "beyond",
    span: { start: node.start, end: node.end },
    about: thing.name,
    node,
    thing,
    facts: { ...facts, offset, size, whole: thing.size, isAlone: isAlone(pointer, size, walk) },
  });
}

/** What lies beyond it lies beyond the stack: others that are there with it have no room for that many bytes. */
function isAlone({ thing, offset = 0 }: PointerValue, size: number, { root, model }: Walk): boolean {
  const { variable } = thing;
  const { variables } = root.routine.graph;
  if (variable === undefined || !variables.includes(variable)) return false;
  let room = 0;
  for (const other of variables) {
    if (other === variable || other.isParameter || other.declaration?.isStatic === true) continue;
    if ((other.declaration?.dimensions.length ?? 0) > 0) return false;
    if (isAggregate(readType(other.type, model.types), model.types)) return false;
    room += 8;
  }
  return offset + size - (thing.size ?? 0) > room;
}
