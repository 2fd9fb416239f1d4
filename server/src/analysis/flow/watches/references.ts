/** Watch: what a program took from the kernel is given back, once, and not used any more. */

import type { Helper, KfuncFact } from "../../knowledge/types.ts";
import type { Span } from "../../text.ts";
import { answer } from "../assume.ts";
import { isVerifiedAlone } from "../calls.ts";
import { calledAt, cleansUp, type Holder, isGivenBackBySelf, isKnown, stillHolds } from "../holders.ts";
import { isKept } from "../loads.ts";
import { type GivenBack, givenBack, isCast, takes } from "../ownership.ts";
import type { Frame, Path } from "../path.ts";
import type { Routine } from "../routine.ts";
import type { PointerValue, Thing, Value } from "../values.ts";
import type { CallEvent, LeaveEvent, On, Root, Watch } from "../watch.ts";

interface Held {
  readonly thing: Thing;
  /** Where it was taken, or where a function was called that handed it out. */
  readonly span: Span;
  /** The variable that it was last written to. */
  readonly holder: Holder | undefined;
  /** It was written to memory. */
  readonly isStored: boolean;
  /** In which call of a function it was taken. */
  readonly frame: number;
  /** Where the function was left in which it was taken, if nobody outside of that knows of it. */
  readonly lost: { readonly span: Span; readonly holder: Holder | undefined } | undefined;
}

/** What the program has no right to any more. */
interface Gone {
  readonly thing: Thing;
  readonly span: Span;
  readonly by: string;
  /**
   * `lent`: it stays in a list or a tree, and may be looked at while the lock of that is held. `unlocked`: that was given back.
   */
  readonly how: GivenBack["how"] | "lent" | "unlocked";
}

interface Slot {
  readonly held: readonly Held[];
  readonly gone: readonly Gone[];
  /** By the id of a thing that is another by cast, that other. Things are made once: all paths may share it. */
  readonly casts: Map<number, Thing>;
  /** Somebody may have given them back: nobody knows. */
  readonly escaped: readonly number[];
}

export const references: Watch<Slot> = {
  name: "references",
  start: () => ({ held: [], gone: [], casts: new Map(), escaped: [] }),
  key: ({ held, gone, escaped }, nameOf) => {
    if (held.length === 0 && gone.length === 0 && escaped.length === 0) return "";
    const lost = held.map(({ thing, span, lost }) => `${nameOf(thing.id)}@${span.start}${lost ? "-" : ""}`);
    const past = gone.flatMap(({ thing, how }) => (nameOf(thing.id) === "" ? [] : [`${nameOf(thing.id)}${how}`]));
    const free = escaped.map(nameOf).filter(Boolean);
    return `${lost.join(",")};${past.join(",")};${free.join(",")}`;
  },
  call: (event, on) => {
    if (event.isUnknown) {
      loseSight(event, on);
      return undefined;
    }
    if (event.helper === undefined && event.kfunc === undefined) return undefined;
    const back = givenBack(event);
    if (on.slot.gone.length > 0) {
      useAll(event, back?.at, on);
      if (UNLOCKS.test(event.name)) unlock(event, on);
    }
    if (back !== undefined) giveBack(event, back, on);
    const { result } = event;
    if (result.kind === "pointer") {
      if (takes(event) && !isGivenBackBySelf(on.path) && !isMissing(event.name, on)) {
        const frame = on.path.frame.id;
        const one = {
          thing: result.thing,
          span: result.thing.source.span,
          holder: undefined,
          isStored: false,
          frame,
          lost: undefined,
        };
        on.slot = { ...on.slot, held: [...on.slot.held, one] };
      } else if (LENDS.test(event.name) && event.kfunc !== undefined) {
        const { thing } = result;
        const { gone } = on.slot;
        on.slot = { ...on.slot, gone: [...gone, { thing, span: thing.source.span, by: event.name, how: "lent" }] };
      } else if (isCast(event.name)) {
        const [from] = event.args;
        if (from?.kind === "pointer") on.slot.casts.set(result.thing.id, original(from.thing, on.slot));
      }
    }
    leaveBy(event, on);
    return undefined;
  },
  access: ({ pointer, node }, on) => {
    if (on.slot.gone.length === 0 || pointer.kind !== "pointer") return;
    const past = pastOf(pointer.thing, on.slot);
    if (past?.how === "release" || past?.how === "unlocked" || (past?.how === "store" && !isThereStill(past, on)))
      tellUse(pointer.thing, past, node, on);
  },
  compare: ({ left, right }, on) => {
    if (on.slot.held.length === 0) return;
    for (const value of [left, right])
      if (value.kind === "pointer" && on.path.isNull(value.thing) === "null") letGo(value.thing, on);
  },
  store: ({ pointer, value }, on) => {
    const { held } = on.slot;
    if (held.length === 0 || value.kind !== "pointer") return;
    if (held.some(({ thing }) => thing === value.thing)) remember(value, pointer, on);
  },
  lose: ({ variable, frame }, on) => {
    const { held, escaped } = on.slot;
    if (held.length === 0) return;
    const isLost = ({ thing, holder }: Held): boolean =>
      holder?.variable === variable && holder.frame === frame && !isKnown(thing, on.path);
    const lost = held.filter(isLost);
    if (lost.length === 0) return;
    const free = [...escaped, ...lost.map(({ thing }) => thing.id)];
    on.slot = { ...on.slot, held: held.filter((one) => !isLost(one)), escaped: free };
  },
  leave: (event, on) => {
    const { held } = on.slot;
    if (held.length === 0) return;
    if (event.isLast) {
      for (const one of held) if (!isOutOfSight(one, on.path)) tellHeld(one, event, on);
      return;
    }
    const { frame } = on.path;
    const outer = on.path.frames.slice(0, -1);
    const after = held.flatMap((one): Held[] => {
      const isReturned = event.value?.kind === "pointer" && event.value.thing === one.thing;
      if (one.frame !== frame.id || isReturned || isKnown(one.thing, on.path, outer)) {
        // Whoever gets it has it from now on.
        const caller = outer.at(-1);
        if (!isReturned || one.frame !== frame.id || caller === undefined) return [one];
        return [{ ...one, frame: caller.id, span: calledAt(on.path) ?? one.span }];
      }
      const isHere = on.walk.spanOf(on.path, event.at.span) === event.at.span;
      const lost = isHere ? { span: event.at.span, holder: holderIn(one, frame) } : undefined;
      return [{ ...one, lost }];
    });
    if (after.some((one, i) => one !== held[i]) || after.length !== held.length) on.slot = { ...on.slot, held: after };
  },
};

const UNLOCKS = /^bpf_(?:res_)?spin_unlock(?:_irqrestore)?$/;
/** What these give stays where it is. */
const LENDS = /^bpf_(?:rbtree_(?:first|root|left|right)|list_(?:front|back))$/;

/** Nobody may look any more at what is in a list or a tree. */
function unlock({ name, call }: CallEvent, on: On<Slot>): void {
  const { gone } = on.slot;
  if (!gone.some(({ how }) => how === "link" || how === "lent")) return;
  const span = on.walk.spanOf(on.path, call);
  const past = gone.map((one): Gone => {
    return one.how === "link" || one.how === "lent" ? { ...one, how: "unlocked", by: name, span } : one;
  });
  on.slot = { ...on.slot, gone: past };
}

/** A thing as it was taken. */
function original(thing: Thing, { casts }: Slot): Thing {
  return casts.get(thing.id) ?? thing;
}

function pastOf(thing: Thing, slot: Slot): Gone | undefined {
  const first = original(thing, slot);
  return slot.gone.find((one) => one.thing === first);
}

function letGo(thing: Thing, on: On<Slot>): void {
  const held = on.slot.held.filter((one) => one.thing !== thing);
  if (held.length !== on.slot.held.length) on.slot = { ...on.slot, held };
}

/** Nobody knows what a function from elsewhere does with what it is given, and with what that leads to. */
function loseSight({ args }: CallEvent, on: On<Slot>): void {
  const { held, gone } = on.slot;
  if (held.length === 0 && gone.length === 0) return;
  const given = new Set(args.flatMap((arg) => (arg.kind === "pointer" ? [original(arg.thing, on.slot)] : [])));
  const isDeep = args.some((arg) => arg.kind === "pointer" && arg.thing.kind === "variable");
  const goes = ({ thing }: { readonly thing: Thing }): boolean =>
    given.has(thing) || (isDeep && !isKnown(thing, on.path));
  if (!held.some(goes) && !gone.some(goes)) return;
  on.slot = {
    ...on.slot,
    held: held.filter((one) => !goes(one)),
    gone: gone.filter((one) => !goes(one)),
    escaped: [...on.slot.escaped, ...[...held, ...gone].filter(goes).map(({ thing }) => thing.id)],
  };
}

function giveBack(event: CallEvent, back: GivenBack, on: On<Slot>): void {
  const arg = event.args[back.at];
  const node = event.call.args[back.at];
  if (arg?.kind !== "pointer" || node === undefined) {
    // NULL is nothing; of any other number nobody knows what it once was.
    if (arg !== undefined && !isZero(arg, on.path)) forgetAll(on);
    return;
  }
  const { slot, path, walk } = on;
  const thing = original(arg.thing, slot);
  const span = walk.spanOf(path, event.call);
  if (slot.held.some((one) => one.thing === thing)) {
    const { offset = 0, added } = arg;
    if (back.how === "release" && (offset !== 0 || added.length > 0))
      walk.report(path, {
        kind: "given back from within",
        span: { start: node.start, end: node.end },
        about: thing.source.name,
        node,
        thing,
        facts: { by: event.name, offset: added.length > 0 ? undefined : offset },
        story: [{ span: thing.source.span, message: "it comes from here" }],
      });
    const held = slot.held.filter((one) => one.thing !== thing);
    on.slot = { ...slot, held, gone: [...slot.gone, { thing, span, by: event.name, how: back.how }] };
    return;
  }
  const past = pastOf(thing, slot);
  // Of what was never taken it is not the first time.
  if (past !== undefined && LENDS.test(past.thing.source.name)) return;
  if (past !== undefined) {
    walk.report(path, {
      kind: "given back twice",
      span: event.call,
      about: thing.source.name,
      node,
      thing,
      facts: { by: event.name, first: past.by, how: past.how },
      story: [
        { span: thing.source.span, message: `${thing.source.name}() took it here` },
        { span: past.span, message: wordsOf(past) },
      ],
    });
    forget(thing, on);
    return;
  }
  if (slot.escaped.includes(thing.id)) return;
  if (path.isNull(thing) === "null") return;
  if (isSurelyAnothers(thing, event, on)) {
    walk.report(path, {
      kind: "given back without having",
      span: event.call,
      about: thing.source.name,
      node,
      thing,
      facts: { by: event.name, from: thing.source.kind, thing: thing.kind },
      story: [{ span: thing.source.span, message: "it comes from here" }],
    });
    return;
  }
  // Whatever it is, it may be any of those that are held.
  if (thing.kind === "other") forgetAll(on);
}

/** Whether a thing is known to be of those that a program only looks at. */
function isSurelyAnothers(thing: Thing, { helper, name }: CallEvent, { walk }: On<Slot>): boolean {
  const { kind, source } = thing;
  // Nobody hands a reference over to what the verifier looks at by itself.
  if (walk.root.isFunction && isKeptAlone(walk.root.routine)) return source.kind === "parameter";
  // Operations are handed references to give back, and their arguments say which.
  if (walk.root.isFunction || walk.root.meaning === undefined || isOperation(walk.root)) return false;
  if (name === "bpf_kptr_xchg") return false;
  if (helper !== undefined) {
    if (name === "bpf_sk_release") return kind === "socket" && source.kind === "load" && source.from === "context";
    return (
      kind === "map value" || kind === "socket" || kind === "context" || (kind === "variable" && thing.name !== "")
    );
  }
  // What a map keeps stays the map's, until it is taken out.
  if (isKept(thing)) return true;
  return kind === "kernel" && (source.kind === "parameter" || (source.kind === "load" && source.from === "kernel"));
}

/** Whichever structure it is one of: its section does not tell. */
function isOperation({ meaning }: Root): boolean {
  return meaning?.kind.progType === "BPF_PROG_TYPE_STRUCT_OPS";
}

/** Clang may inline other functions that are not static, and leave nothing to verify. */
function isKeptAlone(routine: Routine): boolean {
  return isVerifiedAlone(routine) && /\b(?:__)?(?:noinline|weak)\b/.test(routine.head);
}

function isZero(value: Value, path: Path): boolean {
  const { low, high } = path.boundsOf(value);
  return value.kind === "number" && low === 0 && high === 0;
}

function forget(thing: Thing, on: On<Slot>): void {
  const { slot } = on;
  on.slot = {
    ...slot,
    gone: slot.gone.filter((one) => one.thing !== thing),
    escaped: [...slot.escaped, thing.id],
  };
}

function forgetAll(on: On<Slot>): void {
  const { held, gone, escaped } = on.slot;
  if (held.length === 0) return;
  on.slot = { ...on.slot, held: [], gone, escaped: [...escaped, ...held.map(({ thing }) => thing.id)] };
}

/** Kinds of arguments of which the verifier asks no more than that they are numbers. */
const ANY: ReadonlySet<string> = new Set(["number", "kptr", "constant", "size"]);

function useAll({ args, call, helper, kfunc }: CallEvent, except: number | undefined, on: On<Slot>): void {
  args.forEach((arg, i) => {
    const node = call.args[i];
    if (arg.kind !== "pointer" || node === undefined || i === except) return;
    const past = pastOf(arg.thing, on.slot);
    if (past === undefined || past.how === "link" || past.how === "lent" || isThereStill(past, on)) return;
    if (!wantsPointer(i, helper, kfunc)) return;
    tellUse(arg.thing, past, node, on);
  });
}

/** What each CPU has of its own goes on to be there while RCU keeps it: in every program that may not sleep. */
function isThereStill({ how, thing }: Gone, { walk: { root, model } }: On<Slot>): boolean {
  if (how !== "store" || !/percpu/.test(thing.source.name)) return false;
  return root.meaning?.sleepable !== true || model.code.mentions("bpf_rcu_read_lock");
}

function wantsPointer(i: number, helper: Helper | undefined, kfunc: KfuncFact | undefined): boolean {
  const param = (helper?.params ?? kfunc?.params)?.[i];
  if (param === undefined) return false;
  return helper === undefined
    ? param.type.includes("*") && !/__ign$/.test(param.name)
    : !ANY.has(param.kind ?? "number");
}

function tellUse(thing: Thing, past: Gone, node: { readonly start: number; readonly end: number }, on: On<Slot>): void {
  const { walk, path, slot } = on;
  const { thing: first } = past;
  walk.report(path, {
    kind: "used after it was given back",
    span: { start: node.start, end: node.end },
    about: first.source.name,
    thing: first,
    facts: { by: past.by, how: past.how, isCast: first !== thing },
    story: [
      { span: first.source.span, message: `${first.source.name}() took it here` },
      { span: past.span, message: wordsOf(past) },
    ],
  });
  // Once is enough.
  on.slot = { ...slot, gone: slot.gone.filter((one) => one !== past), escaped: [...slot.escaped, first.id] };
}

function wordsOf({ by, how }: Gone): string {
  if (how === "unlocked") return `${by}() gives the lock back here`;
  return how === "release" ? `${by}() gives it back here` : `${by}() hands it over here`;
}

/** Calls that leave the program for good. */
function leaveBy(event: CallEvent, on: On<Slot>): void {
  const isThrow = event.name === "bpf_throw";
  if (!isThrow && !event.name.startsWith("bpf_tail_call")) return;
  // A tail call out of a function is no end of the program that called that.
  if (!isThrow && on.path.frames.length > 1) return;
  for (const one of on.slot.held) {
    const { thing, span } = one;
    on.walk.report(on.path, {
      kind: "not given back",
      apart: `${span.start}`,
      span: event.call,
      about: thing.source.name,
      thing,
      facts: { by: event.name, ...holderFacts(holderIn(one, on.path.frame)) },
      story: [{ span, message: "it was taken here" }],
    });
  }
}

function tellHeld(one: Held, { at, value }: LeaveEvent, { walk, path }: On<Slot>): void {
  const { thing, span: taken, lost } = one;
  const { root } = walk;
  // Operations may return what they took.
  if (value?.kind === "pointer" && value.thing === thing && (root.isFunction || isOperation(root))) return;
  walk.report(path, {
    kind: "not given back",
    apart: `${taken.start}`,
    span: lost?.span ?? at.span,
    about: thing.source.name,
    thing,
    facts: {
      isEnd: at.isEnd && lost === undefined,
      isMaybe: path.isNull(thing) === "maybe",
      ...holderFacts(lost === undefined ? holderIn(one, path.frame) : lost.holder),
    },
    story: [{ span: taken, message: "it was taken here" }],
  });
}

/** Who holds it from now on. */
function remember({ thing, offset }: PointerValue, to: Value, on: On<Slot>): void {
  const variable = to.kind === "pointer" && to.path === "" && to.added.length === 0 ? to.thing.variable : undefined;
  const { held } = on.slot;
  if (cleansUp(variable?.declaration?.attributes)) {
    letGo(thing, on);
    return;
  }
  const holder = variable && to.kind === "pointer" && offset === 0 ? { variable, frame: to.thing.frame } : undefined;
  const after = held.map((one): Held => {
    if (one.thing !== thing) return one;
    return { ...one, holder: holder ?? one.holder, isStored: one.isStored || variable === undefined };
  });
  on.slot = { ...on.slot, held: after };
}

/** It was written to a place that others may have changed since, or that is not known exactly. */
function isOutOfSight({ thing, isStored }: Held, path: Path): boolean {
  if (isKnown(thing, path)) return false;
  return isStored;
}

/** What the kernel that runs it has not is never called there. */
function isMissing(name: string, { walk: { values }, path }: On<Slot>): boolean {
  const asked = values.derived(`bpf_ksym_exists(${name})`, [], { low: 0, high: 1, width: 4, isSigned: true });
  return answer("==", asked, values.constant(0), path) === true;
}

function holderIn({ holder, thing }: Held, frame: Frame): Holder | undefined {
  return holder?.frame === frame.id && stillHolds(holder, thing, frame) ? holder : undefined;
}

function holderFacts(holder: Holder | undefined) {
  const variable = holder?.variable;
  return { holder: variable?.name, type: variable?.type, declared: variable?.declaration?.start };
}
