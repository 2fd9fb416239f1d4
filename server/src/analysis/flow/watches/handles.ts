/** Watch: dynptrs and iterators, which lie in variables, are set up before they are used, once, and ended. */

import type { Span } from "../../text.ts";
import { cleansUp, isGivenBackBySelf } from "../holders.ts";
import { packetEpoch, startPacketEpoch } from "../loads.ts";
import { type Handling, handlings, isSlice } from "../ownership.ts";
import type { Path } from "../path.ts";
import type { Expression } from "../tree.ts";
import type { PointerValue, Source, Thing, Value } from "../values.ts";
import type { AccessEvent, CallEvent, LeaveEvent, On, Walk, Watch } from "../watch.ts";

interface Handle {
  /** The variable that it lies in, and where in it. */
  readonly thing: Thing;
  readonly path: string;
  readonly offset: number;
  readonly what: Handling["what"];
  /** What set it up. */
  readonly by: string;
  readonly span: Span;
  readonly state: "ready" | "ended";
  /** What must be ended together: clones of a dynptr are one thing. Undefined where nothing is held. */
  readonly group: number | undefined;
  /** What ended it; without a name its bytes were written to. */
  readonly ended: { readonly by: string; readonly span: Span } | undefined;
  /** What points into it. */
  readonly slices: readonly Thing[];
}

interface Slot {
  readonly handles: readonly Handle[];
  /** Those that something else took the place of, while there may be pointers into them. */
  readonly past: readonly Handle[];
  /** Variables that others may have changed. */
  readonly unknown: readonly Thing[];
}

const EMPTY: Slot = { handles: [], past: [], unknown: [] };

export const handles: Watch<Slot> = {
  name: "handles",
  start: () => EMPTY,
  key: (slot, nameOf) => {
    if (slot === EMPTY) return "";
    const slicesOf = ({ slices }: Handle): string => slices.map(({ id }) => nameOf(id)).join("+");
    const lines = slot.handles.map((one) => {
      const { thing, path, span, state, group } = one;
      return `${thing.name}${path}@${span.start}${state}${group ?? ""}${slicesOf(one)}`;
    });
    const past = slot.past.map(slicesOf).filter((name) => name !== "");
    return `${lines.join(",")};${past.join(",")};${slot.unknown.map(({ name }) => name).join(",")}`;
  },
  call: (event, on) => {
    if (event.isUnknown) lose(event.args, on);
    else if (event.helper !== undefined || event.kfunc !== undefined) {
      useSlices(event, on);
      if (on.slot.handles.length > 0) readBy(event, on);
      writeBeside(event, on);
      handle(event, on);
      leaveBy(event, on);
    }
    return undefined;
  },
  access: (event, on) => {
    const { pointer, node } = event;
    if (pointer.kind !== "pointer") return;
    const { thing } = pointer;
    if (thing.kind === "other" && thing.source.name === DRAIN) tellTouched(event, thing, "the sample", on);
    else if (on.slot === EMPTY) return;
    else if (thing.kind === "variable") touch(event, pointer, on);
    else useSlice(thing, node, on);
  },
  leave: (event, on) => {
    if (event.isLast && on.slot.handles.length > 0) tellHeld(event, on);
  },
};

function handle(event: CallEvent, on: On<Slot>): void {
  const all = handlings(event);
  for (const one of all) {
    const arg = event.args[one.at];
    if (arg?.kind === "pointer" && arg.thing.source.name === DRAIN && arg.thing.kind === "other")
      ofKernel(event, one, arg, on);
    if (arg !== undefined && isMisplaced(event, one, arg, on)) continue;
    if (arg?.kind !== "pointer" || arg.thing.kind !== "variable") continue;
    if (arg.offset === undefined || arg.added.length > 0 || on.slot.unknown.includes(arg.thing)) continue;
    if (one.how === "set up") setUp(event, one, arg, all, on);
    else if (one.how === "end") end(event, one, arg, on);
    else use(event, one, arg, on);
  }
  if (event.name === "bpf_dynptr_from_mem") takeStack(event, on);
  if (event.name === "bpf_dynptr_write") writePacket(event, on);
  const { result } = event;
  if (result.kind !== "pointer" || !isSlice(event.name)) return;
  const [from] = event.args;
  if (from?.kind !== "pointer") return;
  change(from, (one) => ({ ...one, slices: [...one.slices, result.thing] }), on);
}

/** What it calls is given a dynptr that stays the kernel's: it is there to be read. */
const DRAIN = "bpf_user_ringbuf_drain";

function ofKernel(event: CallEvent, handling: Handling, { thing }: PointerValue, { walk, path }: On<Slot>): void {
  if (handling.what !== "dynptr" || handling.how === "use") return;
  const node = nodeOf(event, handling);
  walk.report(path, {
    kind: handling.how === "end" ? "ended without holding" : "set up again",
    span: { start: node.start, end: node.end },
    about: "the sample",
    thing,
    facts: { by: event.name, made: DRAIN, what: handling.what },
  });
}

function at(pointer: PointerValue): (one: Handle) => boolean {
  return ({ thing, path }) => thing === pointer.thing && path === pointer.path;
}

function change(pointer: PointerValue, by: (one: Handle) => Handle, on: On<Slot>): void {
  const isHere = at(pointer);
  on.slot = { ...on.slot, handles: on.slot.handles.map((one) => (isHere(one) ? by(one) : one)) };
}

function setUp(
  event: CallEvent,
  { what, isHeld }: Handling,
  pointer: PointerValue,
  all: readonly Handling[],
  on: On<Slot>,
) {
  const isHere = at(pointer);
  const before = on.slot.handles.find(isHere);
  // A dynptr that holds nothing may be set up anew.
  if (before?.state === "ready" && (what === "iterator" || before.group !== undefined)) {
    tell("set up again", before, event, event.call.args[0] ?? event.call, on);
    forget(pointer.thing, on);
    return;
  }
  const span = on.walk.spanOf(on.path, event.call);
  // A clone is the same thing as what it was made of.
  const [from] = event.name === "bpf_dynptr_clone" ? event.args : [];
  const source = from?.kind === "pointer" ? on.slot.handles.find(at(from)) : undefined;
  const group = isHeld && !isGivenBackBySelf(on.path) ? pointer.thing.id : source?.group;
  const by = source?.by ?? event.name;
  const { thing, path } = pointer;
  const { offset = 0 } = pointer;
  const made: Handle = { thing, path, offset, what, by, span, state: "ready", group, ended: undefined, slices: [] };
  // Of what a clone is made that nobody knows nothing is known of the clone either.
  if (all.some(({ how }) => how === "use") && source === undefined) {
    forget(thing, on);
    return;
  }
  if (before !== undefined) replace(before, { by: event.name, span }, on);
  on.slot = { ...on.slot, handles: [...on.slot.handles.filter((one) => !isHere(one)), made] };
}

/** It is no more, and what points into it leads nowhere. */
function replace(handle: Handle, ended: Handle["ended"], on: On<Slot>): void {
  const { handles: all, past } = on.slot;
  const gone = handle.slices.length === 0 ? past : [...past, { ...handle, state: "ended" as const, ended }];
  on.slot = { ...on.slot, handles: all.filter((one) => one !== handle), past: gone };
}

/** Bytes that one takes on the stack. */
const DYNPTR_SIZE = 16;

/** Whether so many bytes from there on are some of a dynptr's. */
function isWithin({ thing, path, offset, what }: Handle, pointer: PointerValue, size: number | undefined): boolean {
  if (thing !== pointer.thing || what !== "dynptr") return false;
  // Of a variable that is no more than that all bytes are its own.
  if (thing.type === DYNPTR && thing.variable?.declaration?.dimensions.length === 0) return true;
  if (pointer.path === path || pointer.path.startsWith(`${path}.`)) return true;
  const { offset: from } = pointer;
  if (from === undefined || size === undefined || pointer.added.length > 0) return false;
  return from < offset + DYNPTR_SIZE && from + size > offset;
}

/** Bytes of a dynptr are used as such: what it refers to would be lost, or what points into it. */
function touch(event: AccessEvent, pointer: PointerValue, on: On<Slot>): void {
  const found = on.slot.handles.find((one) => one.state === "ready" && isWithin(one, pointer, event.size));
  if (found === undefined || on.slot.unknown.includes(found.thing)) return;
  const isOnly = !on.slot.handles.some((one) => one !== found && one.group === found.group);
  const isRefused = !event.isWrite || (found.group !== undefined && isOnly);
  if (isRefused) {
    tellTouched(event, found.thing, `${found.thing.name}${found.path}`, on, found);
    forget(found.thing, on);
    return;
  }
  const span = on.walk.spanOf(on.path, { start: event.node.start, end: event.node.end });
  replace(found, { by: "", span }, on);
}

/** What a helper reads: keys, values, memory. */
function readBy({ call, args, helper, map }: CallEvent, on: On<Slot>): void {
  const params = helper?.params ?? [];
  for (let i = 0; i < params.length; i++) {
    const [param, arg, node] = [params[i], args[i], call.args[i]];
    if (param === undefined || param.written === true || arg?.kind !== "pointer" || node === undefined) continue;
    const next = param.kind === "memory" && params[i + 1]?.kind === "size" ? args[i + 1] : undefined;
    const ofMap = param.kind === "key" ? map?.keySize : param.kind === "value" ? map?.valueSize : undefined;
    const size = next === undefined ? ofMap : on.path.boundsOf(next).high;
    if (size === undefined || !Number.isFinite(size)) continue;
    const found = on.slot.handles.find((one) => one.state === "ready" && isWithin(one, arg, size));
    if (found === undefined || on.slot.unknown.includes(found.thing)) continue;
    tellTouched({ node, isWrite: false }, found.thing, `${found.thing.name}${found.path}`, on, found);
    forget(found.thing, on);
  }
}

function tellTouched(
  { node, isWrite }: Pick<AccessEvent, "node" | "isWrite">,
  thing: Thing,
  about: string,
  { walk, path }: On<Slot>,
  handle?: Handle,
): void {
  walk.report(path, {
    kind: "dynptr touched",
    span: { start: node.start, end: node.end },
    about,
    thing,
    facts: { isWrite },
    story: handle === undefined ? [] : storyOf(handle),
  });
}

/** A function writes to memory in which there is a dynptr. */
function writeBeside({ helper, args, call }: CallEvent, on: On<Slot>): void {
  if (helper === undefined || on.slot.handles.length === 0) return;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const node = call.args[i];
    if (arg?.kind !== "pointer" || arg.thing.kind !== "variable" || node === undefined) continue;
    if (helper.params[i]?.written !== true || helper.params[i]?.kind === "dynptr") continue;
    const size = helper.params[i + 1]?.kind === "size" ? sizeGiven(args[i + 1], on) : undefined;
    const found = on.slot.handles.find((one) => one.state === "ready" && isWithin(one, arg, size));
    if (found === undefined || on.slot.unknown.includes(found.thing)) continue;
    tellTouched({ node, isWrite: true }, found.thing, `${found.thing.name}${found.path}`, on, found);
    forget(found.thing, on);
  }
}

function sizeGiven(value: Value | undefined, { path }: On<Slot>): number | undefined {
  if (value?.kind !== "number") return undefined;
  const { low, high } = path.boundsOf(value);
  return low === high && Number.isFinite(low) ? low : undefined;
}

const DYNPTR = "struct bpf_dynptr";
/** Endings of names by which a kfunc takes NULL as well. */
const OPTIONAL = /__(?:nullable|opt)$/;

/** It is not where a dynptr, or an iterator, begins; said, where that is sure. */
function isMisplaced(event: CallEvent, handling: Handling, arg: Value, on: On<Slot>): boolean {
  const how = misplacement(event, handling, arg, on);
  if (how === undefined) return false;
  const node = nodeOf(event, handling);
  const thing = arg.kind === "pointer" ? arg.thing : undefined;
  on.walk.report(on.path, {
    kind: "dynptr misplaced",
    span: { start: node.start, end: node.end },
    about: thing?.name ?? "",
    thing,
    facts: { by: event.name, what: handling.what, how },
    story: thing === undefined ? [] : [{ span: thing.source.span, message: "it is declared here" }],
  });
  if (thing !== undefined) forget(thing, on);
  return true;
}

function misplacement(
  { helper, kfunc }: CallEvent,
  { what, at: i }: Handling,
  arg: Value,
  on: On<Slot>,
): string | undefined {
  if (arg.kind === "number") {
    const name = (helper?.params ?? kfunc?.params)?.[i]?.name ?? "";
    return what === "dynptr" && arg.low === arg.high && !OPTIONAL.test(name) ? "number" : undefined;
  }
  if (arg.kind !== "pointer") return undefined;
  if (kfunc !== undefined && isOffStack(arg.thing, on.walk)) return "elsewhere";
  if (arg.thing.kind !== "variable" || on.slot.unknown.includes(arg.thing)) return undefined;
  const { thing, path, offset, added } = arg;
  if (what === "dynptr" && thing.size !== undefined && thing.size < DYNPTR_SIZE) return "too small";
  const isWhole = thing.variable?.declaration?.dimensions.length === 0 && isHandleType(thing.type, what);
  if (!isWhole || (path !== "" && !path.startsWith("["))) return undefined;
  return added.length > 0 || offset !== 0 ? "within" : undefined;
}

/** Memory that is not the stack's. What helpers are given there another watch tells. */
function isOffStack({ kind, name }: Thing, { model }: Walk): boolean {
  if (kind !== "global") return kind === "map value" || kind === "record" || kind === "packet";
  return model.globals.some((one) => one.name === name && /^(?:data|bss|rodata)$/.test(one.kind));
}

function isHandleType(type: string, what: Handling["what"]): boolean {
  return what === "dynptr" ? type === DYNPTR : /^struct bpf_iter_\w+$/.test(type);
}

/** Of the stack nobody makes a dynptr: it takes what a map has. */
function takeStack({ args, call, name }: CallEvent, { walk, path }: On<Slot>): void {
  const [memory] = args;
  const [node] = call.args;
  if (memory?.kind !== "pointer" || memory.thing.kind !== "variable" || node === undefined) return;
  walk.report(path, {
    kind: "dynptr misplaced",
    span: { start: node.start, end: node.end },
    about: memory.thing.name,
    thing: memory.thing,
    facts: { by: name, what: "dynptr", how: "of the stack" },
    story: [{ span: memory.thing.source.span, message: "it is declared here" }],
  });
}

/** Dynptrs of a packet, whose slices are gone once that is changed. */
const OF_PACKET: ReadonlySet<string> = new Set(["bpf_dynptr_from_skb", "bpf_dynptr_from_xdp"]);

/** To write to a packet by its dynptr may move what it has. */
function writePacket({ args: [to], call, name }: CallEvent, { walk, path, slot }: On<Slot>): void {
  if (to?.kind !== "pointer" || slot.handles.find(at(to))?.by !== "bpf_dynptr_from_skb") return;
  startPacketEpoch(
    { span: walk.spanOf(path, { start: call.start, end: call.end }), name, kind: "call" },
    path,
    walk.values,
  );
}

function useSlice(thing: Thing, node: Expression, on: On<Slot>): void {
  const { handles: all, past } = on.slot;
  const isOf = ({ state, slices }: Handle): boolean => state === "ended" && slices.includes(thing);
  const ended = all.find(isOf) ?? past.find(isOf);
  if (ended !== undefined) {
    tellSlice(ended, thing, node, on);
    return;
  }
  const epoch = packetEpoch(on.path);
  if (epoch === undefined || thing.id > epoch.id) return;
  const of = all.find(({ by, slices }) => OF_PACKET.has(by) && slices.includes(thing));
  if (of !== undefined) tellChanged(of, thing, node, epoch.source, on);
}

function tellChanged(handle: Handle, slice: Thing, node: Expression, by: Source | undefined, on: On<Slot>): void {
  const changed = by === undefined ? [] : [{ span: by.span, message: "the packet may be another after this" }];
  on.walk.report(on.path, {
    kind: "packet slice changed",
    span: { start: node.start, end: node.end },
    about: slice.source.name,
    node,
    thing: slice,
    facts: { by: by?.name },
    story: [{ span: slice.source.span, message: "it points into the packet" }, ...changed],
  });
  dropSlice(handle, slice, on);
}

function use(event: CallEvent, handling: Handling, pointer: PointerValue, on: On<Slot>): void {
  const found = on.slot.handles.find(at(pointer));
  if (found?.state === "ready") return;
  if (found !== undefined) tell("used after it was ended", found, event, nodeOf(event, handling), on);
  else if (isBare(pointer, handling)) tellBare(event, handling, pointer, on);
  else return;
  forget(pointer.thing, on);
}

function end(event: CallEvent, handling: Handling, pointer: PointerValue, on: On<Slot>): void {
  const found = on.slot.handles.find(at(pointer));
  if (found === undefined) {
    if (!isBare(pointer, handling)) return;
    tellBare(event, handling, pointer, on);
    forget(pointer.thing, on);
    return;
  }
  if (found.state === "ended") {
    tell("ended twice", found, event, nodeOf(event, handling), on);
    forget(pointer.thing, on);
    return;
  }
  if (found.group === undefined) {
    tell("ended without holding", found, event, nodeOf(event, handling), on);
    forget(pointer.thing, on);
    return;
  }
  const ended = { by: event.name, span: on.walk.spanOf(on.path, event.call) };
  on.slot = {
    ...on.slot,
    handles: on.slot.handles.map((one) => (one.group === found.group ? { ...one, state: "ended", ended } : one)),
  };
}

function nodeOf({ call }: CallEvent, { at: i }: Handling): Span {
  return call.args[i] ?? call;
}

/** A variable of its own, which nothing was ever written to but by such calls. */
function isBare({ thing, path }: PointerValue, { what }: Handling): boolean {
  const type = thing.variable?.type ?? "";
  if (path !== "" || thing.variable?.declaration === undefined || thing.variable.declaration.dimensions.length > 0)
    return false;
  return isHandleType(type, what);
}

function forget(thing: Thing, on: On<Slot>): void {
  const { handles: all, past, unknown } = on.slot;
  on.slot = { handles: all.filter((one) => one.thing !== thing), past, unknown: [...unknown, thing] };
}

/** Whoever gets the address of a variable, or of what leads there, may do anything with it. */
function lose(args: readonly Value[], on: On<Slot>): void {
  for (const arg of args)
    if (arg.kind === "pointer" && arg.thing.kind === "variable" && !on.slot.unknown.includes(arg.thing))
      if (
        on.slot.handles.some(({ thing }) => thing === arg.thing) ||
        /^struct bpf_(?:dynptr|iter_)/.test(arg.thing.type)
      )
        forget(arg.thing, on);
}

function storyOf({ by, span, ended }: Handle): readonly { readonly span: Span; readonly message: string }[] {
  const begun = { span, message: `${by}() sets it up here` };
  if (ended === undefined) return [begun];
  return [
    begun,
    { span: ended.span, message: ended.by === "" ? "it is written to here" : `${ended.by}() ends it here` },
  ];
}

function tell(kind: string, handle: Handle, event: CallEvent, node: Span, { walk, path }: On<Slot>): void {
  walk.report(path, {
    kind,
    span: { start: node.start, end: node.end },
    about: `${handle.thing.name}${handle.path}`,
    thing: handle.thing,
    facts: { by: event.name, made: handle.by, what: handle.what, ended: handle.ended?.by },
    story: storyOf(handle),
  });
}

function tellBare(event: CallEvent, handling: Handling, pointer: PointerValue, { walk, path }: On<Slot>): void {
  const node = nodeOf(event, handling);
  walk.report(path, {
    kind: "used before it was set up",
    span: { start: node.start, end: node.end },
    about: pointer.thing.name,
    thing: pointer.thing,
    facts: { by: event.name, what: handling.what },
    story: [{ span: pointer.thing.source.span, message: "it is declared here" }],
  });
}

function useSlices({ args, call, helper, kfunc }: CallEvent, on: On<Slot>): void {
  if (on.slot === EMPTY) return;
  args.forEach((arg, i) => {
    const param = (helper?.params ?? kfunc?.params)?.[i];
    const node = call.args[i];
    if (arg.kind !== "pointer" || node === undefined || param?.type.includes("*") !== true) return;
    if (param.kind !== "number") useSlice(arg.thing, node, on);
  });
}

function tellSlice(handle: Handle, slice: Thing, node: Span, on: On<Slot>): void {
  on.walk.report(on.path, {
    kind: "slice used after its dynptr was ended",
    span: { start: node.start, end: node.end },
    about: slice.source.name,
    thing: slice,
    facts: { by: handle.ended?.by, of: handle.thing.name, isReplaced: on.slot.past.includes(handle) },
    story: [{ span: slice.source.span, message: "it points into the dynptr" }, ...storyOf(handle)],
  });
  dropSlice(handle, slice, on);
}

/** Once is enough. */
function dropSlice(handle: Handle, slice: Thing, on: On<Slot>): void {
  const without = (one: Handle): Handle =>
    one === handle ? { ...one, slices: one.slices.filter((other) => other !== slice) } : one;
  on.slot = { ...on.slot, handles: on.slot.handles.map(without), past: on.slot.past.map(without) };
}

/** Of clones one is enough. */
function* heldIn({ handles: all }: Slot, { frames }: Path): Iterable<Handle> {
  const groups = new Set<number>();
  for (const one of all) {
    if (one.state !== "ready" || one.group === undefined || groups.has(one.group)) continue;
    groups.add(one.group);
    const isMine = frames.some(({ id }) => id === one.thing.frame);
    if (!isMine || !cleansUp(one.thing.variable?.declaration?.attributes)) yield one;
  }
}

function leaveBy(event: CallEvent, on: On<Slot>): void {
  const isThrow = event.name === "bpf_throw";
  if (on.slot.handles.length === 0 || (!isThrow && !event.name.startsWith("bpf_tail_call"))) return;
  if (!isThrow && on.path.frames.length > 1) return;
  for (const one of heldIn(on.slot, on.path))
    tellNotEnded(one, on.path, on.walk, { span: event.call, isEnd: false, by: event.name });
}

function tellHeld({ at: node }: LeaveEvent, { walk, path, slot }: On<Slot>): void {
  for (const one of heldIn(slot, path)) tellNotEnded(one, path, walk, node);
}

function tellNotEnded(
  { thing, path: place, by: made, span, what }: Handle,
  path: Path,
  walk: Walk,
  { span: at, isEnd, by }: { readonly span: Span; readonly isEnd: boolean; readonly by?: string },
): void {
  const isOwn = thing.frame === path.frame.id && place === "";
  walk.report(path, {
    kind: "not given back",
    apart: `${span.start}`,
    span: at,
    about: made,
    thing,
    facts: {
      by,
      isEnd,
      what,
      holder: isOwn ? `&${thing.name}` : undefined,
      declared: thing.variable?.declaration?.start,
    },
    story: [{ span, message: "it was taken here" }],
  });
}
