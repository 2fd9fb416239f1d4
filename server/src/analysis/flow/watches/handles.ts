/** Watch: dynptrs and iterators, which lie in variables, are set up before they are used, once, and ended. */

import type { Span } from "../../text.ts";
import { cleansUp, isGivenBackBySelf } from "../holders.ts";
import { type Handling, handlings, isSlice } from "../ownership.ts";
import type { Path } from "../path.ts";
import type { PointerValue, Thing, Value } from "../values.ts";
import type { CallEvent, LeaveEvent, On, Walk, Watch } from "../watch.ts";

interface Handle {
  /** The variable that it lies in, and where in it. */
  readonly thing: Thing;
  readonly path: string;
  readonly what: Handling["what"];
  /** What set it up. */
  readonly by: string;
  readonly span: Span;
  readonly state: "ready" | "ended";
  /** What must be ended together: clones of a dynptr are one thing. Undefined where nothing is held. */
  readonly group: number | undefined;
  /** What ended it. */
  readonly ended: { readonly by: string; readonly span: Span } | undefined;
  /** What points into it. */
  readonly slices: readonly Thing[];
}

interface Slot {
  readonly handles: readonly Handle[];
  /** Variables that others may have changed. */
  readonly unknown: readonly Thing[];
}

const EMPTY: Slot = { handles: [], unknown: [] };

export const handles: Watch<Slot> = {
  name: "handles",
  start: () => EMPTY,
  key: (slot, nameOf) => {
    if (slot === EMPTY) return "";
    const lines = slot.handles.map(
      ({ thing, path, span, state, slices, group }) =>
        `${thing.name}${path}@${span.start}${state}${group ?? ""}${slices.map(({ id }) => nameOf(id)).join("+")}`,
    );
    return `${lines.join(",")};${slot.unknown.map(({ name }) => name).join(",")}`;
  },
  call: (event, on) => {
    if (event.isUnknown) lose(event.args, on);
    else if (event.helper !== undefined || event.kfunc !== undefined) {
      useSlices(event, on);
      handle(event, on);
      leaveBy(event, on);
    }
    return undefined;
  },
  access: ({ pointer, node }, on) => {
    if (on.slot.handles.length === 0 || pointer.kind !== "pointer") return;
    const of = on.slot.handles.find(({ state, slices }) => state === "ended" && slices.includes(pointer.thing));
    if (of !== undefined) tellSlice(of, pointer.thing, node, on);
  },
  leave: (event, on) => {
    if (event.isLast && on.slot.handles.length > 0) tellHeld(event, on);
  },
};

function handle(event: CallEvent, on: On<Slot>): void {
  const all = handlings(event);
  for (const one of all) {
    const arg = event.args[one.at];
    if (arg?.kind !== "pointer" || arg.thing.kind !== "variable") continue;
    if (arg.offset === undefined || arg.added.length > 0 || on.slot.unknown.includes(arg.thing)) continue;
    if (one.how === "set up") setUp(event, one, arg, all, on);
    else if (one.how === "end") end(event, one, arg, on);
    else use(event, one, arg, on);
  }
  const { result } = event;
  if (result.kind !== "pointer" || !isSlice(event.name)) return;
  const [from] = event.args;
  if (from?.kind !== "pointer") return;
  change(from, (one) => ({ ...one, slices: [...one.slices, result.thing] }), on);
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
  const made: Handle = { thing, path, what, by, span, state: "ready", group, ended: undefined, slices: [] };
  // Of what a clone is made that nobody knows nothing is known of the clone either.
  if (all.some(({ how }) => how === "use") && source === undefined) {
    forget(thing, on);
    return;
  }
  on.slot = { ...on.slot, handles: [...on.slot.handles.filter((one) => !isHere(one)), made] };
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
  return what === "dynptr" ? type === "struct bpf_dynptr" : /^struct bpf_iter_\w+$/.test(type);
}

function forget(thing: Thing, on: On<Slot>): void {
  const { handles: all, unknown } = on.slot;
  on.slot = { handles: all.filter((one) => one.thing !== thing), unknown: [...unknown, thing] };
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
  return ended === undefined ? [begun] : [begun, { span: ended.span, message: `${ended.by}() ends it here` }];
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
  if (on.slot.handles.length === 0) return;
  args.forEach((arg, i) => {
    const param = (helper?.params ?? kfunc?.params)?.[i];
    const node = call.args[i];
    if (arg.kind !== "pointer" || node === undefined || param?.type.includes("*") !== true) return;
    if (param.kind === "number") return;
    const of = on.slot.handles.find(({ state, slices }) => state === "ended" && slices.includes(arg.thing));
    if (of !== undefined) tellSlice(of, arg.thing, node, on);
  });
}

function tellSlice(handle: Handle, slice: Thing, node: Span, on: On<Slot>): void {
  on.walk.report(on.path, {
    kind: "slice used after its dynptr was ended",
    span: { start: node.start, end: node.end },
    about: slice.source.name,
    thing: slice,
    facts: { by: handle.ended?.by, of: handle.thing.name },
    story: [{ span: slice.source.span, message: "it points into the dynptr" }, ...storyOf(handle)],
  });
  const handles = on.slot.handles.map((one) =>
    one === handle ? { ...one, slices: one.slices.filter((other) => other !== slice) } : one,
  );
  on.slot = { ...on.slot, handles };
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
