/** Watch: locks are given back and sections left, in order and on every path, and nothing forbidden is called meanwhile. */

import type { Span } from "../../text.ts";
import { rootOf } from "../graph.ts";
import { calledAt, isGivenBackBySelf } from "../holders.ts";
import { maySleep, sleeps } from "../sleeping.ts";
import type { PointerValue, Thing, Value } from "../values.ts";
import type { CallEvent, LeaveEvent, On, Watch } from "../watch.ts";

type What = "lock" | "resilient lock" | "RCU section" | "preemption" | "interrupts";

/** What a call does. */
interface Turn {
  readonly what: What;
  readonly isBegin: boolean;
  /** What ends it. */
  readonly end: string;
}

const PAIRS: readonly (readonly [What, string, string])[] = [
  ["lock", "bpf_spin_lock", "bpf_spin_unlock"],
  ["resilient lock", "bpf_res_spin_lock", "bpf_res_spin_unlock"],
  ["resilient lock", "bpf_res_spin_lock_irqsave", "bpf_res_spin_unlock_irqrestore"],
  ["RCU section", "bpf_rcu_read_lock", "bpf_rcu_read_unlock"],
  ["preemption", "bpf_preempt_disable", "bpf_preempt_enable"],
  ["interrupts", "bpf_local_irq_save", "bpf_local_irq_restore"],
];

const TURNS: ReadonlyMap<string, Turn> = new Map(
  PAIRS.flatMap(([what, begin, end]): [string, Turn][] => [
    [begin, { what, isBegin: true, end }],
    [end, { what, isBegin: false, end }],
  ]),
);

/** Something that was begun. */
interface Section {
  readonly what: What;
  readonly by: string;
  readonly end: string;
  readonly span: Span;
  /** The lock, or the variable that has the flags. */
  readonly thing: Thing | undefined;
  readonly path: string;
  /** A resilient lock is held where this is 0. */
  readonly result: Value | undefined;
  /** Where it keeps whether interrupts were on before. */
  readonly flags: PointerValue | undefined;
  /** Somebody else wrote there since. */
  readonly isOverwritten: boolean;
  /** For a fix: in which call of a function, the argument as written, and where the variable in it is declared. */
  readonly frame: number;
  readonly argument: Span | undefined;
  readonly declared: number | undefined;
}

interface Slot {
  readonly open: readonly Section[];
  /** A function that nobody has seen may have begun or ended anything. */
  readonly isUnsure: boolean;
  /** Two nodes of a tree are being compared: a function that the kernel calls while the tree is changed. */
  readonly isComparing?: boolean;
}

const EMPTY: Slot = { open: [], isUnsure: false };

export const sections: Watch<Slot> = {
  name: "sections",
  start: () => EMPTY,
  key: ({ open, isUnsure }, nameOf) => {
    if (open.length === 0) return isUnsure ? "?" : "";
    const all = open.map(
      ({ end, thing, span, result }) =>
        `${end}${thing === undefined ? "" : nameOf(thing.id)}@${span.start}${result === undefined ? "" : nameOf(result.id)}`,
    );
    return `${all.join(",")}${isUnsure ? "?" : ""}`;
  },
  begin: (routine, on) => {
    if (routine.params.length === 2 && isComparison(on)) on.slot = { ...on.slot, isComparing: true };
  },
  call: (event, on) => {
    if (on.slot.isComparing === true && NOT_IN_COMPARISON.test(event.name)) {
      tell("in a comparison", event, undefined, on);
      return undefined;
    }
    if (event.isUnknown) {
      if (!on.slot.isUnsure || on.slot.open.length > 0) on.slot = { open: [], isUnsure: true };
      return undefined;
    }
    const turn = event.helper === undefined && event.kfunc === undefined ? undefined : TURNS.get(event.name);
    if (turn?.isBegin === true && isGivenBackBySelf(on.path)) on.slot = { ...on.slot, isUnsure: true };
    else if (turn?.isBegin === true) begin(event, turn, on);
    else if (turn !== undefined) end(event, turn, on);
    else if (on.slot.open.length > 0) within(event, on);
    if (NEEDS_LOCK.test(event.name)) needLock(event, on);
    if (event.kfunc?.flags.includes("KF_RCU_PROTECTED") === true) needSection(event, on);
    return undefined;
  },
  store: ({ pointer, node }, on) => {
    const { open } = on.slot;
    // What a call may write to, it may as well leave alone.
    if (open.length === 0 || pointer.kind !== "pointer" || node.kind === "unknown") return;
    const one = open.find(({ flags }) => flags?.id === pointer.id);
    if (one !== undefined)
      on.slot = { ...on.slot, open: open.map((other) => (other === one ? { ...one, isOverwritten: true } : other)) };
  },
  compare: ({ left, right }, on) => {
    const { open } = on.slot;
    if (open.length === 0) return;
    const one = open.find(({ result }) => result !== undefined && (result.id === left.id || result.id === right.id));
    if (one?.result === undefined) return;
    const { low, high, notZero } = on.path.boundsOf(one.result);
    if (notZero) on.slot = { ...on.slot, open: open.filter((other) => other !== one) };
    else if (low === 0 && high === 0) {
      const sure = open.map((other) => (other === one ? { ...other, result: undefined } : other));
      on.slot = { ...on.slot, open: sure };
    }
  },
  leave: (event, on) => {
    if (on.slot.open.length === 0) return;
    if (event.isLast) tellOpen(event, on);
    else handOut(on);
  },
};

/** By what it is given: nobody but the kernel hands over nodes as bpf_rbtree_add() has them. */
function isComparison({ path: { frame } }: On<Slot>): boolean {
  const [first] = frame.routine.graph.variables;
  const node = first && frame.variables.get(first.index);
  return node?.kind === "pointer" && node.thing.kind === "other" && /^bpf_rbtree_add/.test(node.thing.source.name);
}

const NOT_IN_COMPARISON =
  /^bpf_(?:rbtree_(?:add(?:_impl)?|remove)|(?:res_)?spin_(?:un)?lock\w*|rcu_read_(?:un)?lock|list_push_\w+)$/;

const isLock = ({ what }: Section): boolean => what === "lock" || what === "resilient lock";
/** Kinds of which there is one for the whole processor, and not one for each thing. */
const isCounted = (what: What): boolean => what === "RCU section" || what === "preemption";

function begin(event: CallEvent, { what, end: undo }: Turn, on: On<Slot>): void {
  const { slot, path, walk } = on;
  const [lock, flags] = event.args;
  const of = lock?.kind === "pointer" ? lock : undefined;
  const held = slot.open.filter(isLock);
  if (what === "lock" && held.length > 0) tell("second lock", event, held.at(-1), on);
  else if (
    what === "resilient lock" &&
    held.some((one) => one.what === what && one.thing === of?.thing && isKnown(of?.thing))
  )
    tell(
      "second lock",
      event,
      held.find(({ thing }) => thing === of?.thing),
      on,
    );
  else if (held.length > 0 && what !== "resilient lock") tell("call under lock", event, held.at(-1), on);
  const begun = {
    what,
    by: event.name,
    end: undo,
    span: walk.spanOf(path, event.call),
    thing: isCounted(what) ? undefined : of?.thing,
    path: of?.path ?? "",
    result: what === "resilient lock" ? event.result : undefined,
    flags: flagsOf(event),
    isOverwritten: false,
    frame: path.frame.id,
    ...argumentOf(event, on, flags !== undefined),
  };
  on.slot = { ...slot, open: [...slot.open, begun] };
}

/** The argument with which it is ended again, where that can be written again. */
function argumentOf({ call, args }: CallEvent, { path, walk }: On<Slot>, hasSeveral: boolean) {
  const [argument] = call.args;
  if (argument === undefined || hasSeveral) return { argument: undefined, declared: undefined };
  const root = rootOf(argument.kind === "unary" ? argument.of : argument);
  const variable = root && path.frame.routine.graph.variableOf(root);
  const isHere = walk.spanOf(path, argument) === argument && args.length === 1;
  return { argument: isHere ? argument : undefined, declared: variable?.declaration?.start };
}

/** A variable of its own, or an element of one. */
function flagsOf({ name, args }: CallEvent): PointerValue | undefined {
  const flags = args[FLAGS.get(name) ?? -1];
  return flags?.kind === "pointer" && flags.thing.kind === "variable" && flags.added.length === 0 ? flags : undefined;
}

/** Which argument says where the flags are. */
const FLAGS: ReadonlyMap<string, number> = new Map([
  ["bpf_local_irq_save", 0],
  ["bpf_local_irq_restore", 0],
  ["bpf_res_spin_lock_irqsave", 1],
  ["bpf_res_spin_unlock_irqrestore", 1],
]);

/** Interrupts are restored in the opposite order, with what was saved: whatever is restored beside them. */
function flagsTrouble(event: CallEvent, { open }: Slot): { readonly kind: string; readonly last: Section } | undefined {
  const flags = flagsOf(event);
  const saved = flags === undefined ? [] : open.filter(({ by }) => FLAGS.has(by));
  const last = saved.at(-1);
  // Whether a lock was given at all may not have been asked yet.
  if (last === undefined || saved.some((one) => one.flags === undefined || one.result !== undefined)) return undefined;
  const one = saved.find((other) => other.flags?.id === flags?.id);
  if (one === undefined) return undefined;
  return one !== last
    ? { kind: "ended out of order", last }
    : one.isOverwritten
      ? { kind: "flags overwritten", last }
      : undefined;
}

/** What a value is about that nobody knows may be the same as another. */
function isKnown(thing: Thing | undefined): boolean {
  return thing !== undefined && thing.kind !== "other";
}

function end(event: CallEvent, turn: Turn, on: On<Slot>): void {
  const { slot } = on;
  const [lock] = event.args;
  const of = lock?.kind === "pointer" ? lock.thing : undefined;
  const { what } = turn;
  const alike = slot.open.filter((one) => one.what === what);
  const last = alike.at(-1);
  const remove = (one: Section): void => {
    on.slot = { ...on.slot, open: on.slot.open.filter((other) => other !== one) };
  };
  if (last === undefined) {
    if (!slot.isUnsure) tell("ended before it was begun", event, undefined, on, turn);
    on.slot = { ...on.slot, isUnsure: true };
    return;
  }
  if (isCounted(what)) {
    remove(last);
    return;
  }
  const trouble = flagsTrouble(event, slot);
  if (trouble !== undefined) {
    tell(trouble.kind, event, trouble.last, on, turn);
    on.slot = { ...slot, open: [], isUnsure: true };
    return;
  }
  const id = flagsOf(event)?.id;
  const own = what === "interrupts" ? alike.find(({ flags }) => flags !== undefined && flags.id === id) : undefined;
  if (own !== undefined) {
    remove(own);
    return;
  }
  if (!isKnown(of) || alike.some(({ thing }) => !isKnown(thing))) {
    remove(alike.find(({ thing }) => thing === of) ?? last);
    return;
  }
  if (last.thing === of) {
    remove(last);
    return;
  }
  const other = alike.find(({ thing }) => thing === of);
  tell(other === undefined ? "another lock ended" : "ended out of order", event, last, on, turn);
  on.slot = { open: [], isUnsure: true };
}

/** What the kernel lets a program call while it holds a lock. */
const UNDER_LOCK =
  /^bpf_(?:list_|rbtree_|iter_num_|res_spin_|arena_|stream_|refcount_acquire|obj_(?:new|drop)|spin_unlock|percpu_obj_)/;
/** Of these it depends on the kernel. */
const NEEDS_LOCK =
  /^bpf_(?:list_(?:push|pop)_(?:front|back)|list_(?:front|back)|rbtree_(?:add|remove|first|root|left|right))(?:_impl)?$/;

function within(event: CallEvent, on: On<Slot>): void {
  const { open } = on.slot;
  const { helper, kfunc, name, routine } = event;
  const lock = open.findLast((one) => isLock(one) && one.result === undefined);
  const isPrint = name === "bpf_printk";
  if (helper === undefined && kfunc === undefined && routine === undefined && !isPrint) return;
  if (lock !== undefined) {
    const isAllowed = helper === undefined && routine === undefined && UNDER_LOCK.test(name);
    if (!isAllowed) tell("call under lock", event, lock, on);
    return;
  }
  if (name === "bpf_throw" || (name.startsWith("bpf_tail_call") && open.length > 0)) {
    for (const one of open) tellLeft(one, event.call, on, { by: name, isEnd: false });
    return;
  }
  const mayWait = maySleep(helper, kfunc) || (routine !== undefined && sleeps(routine, on.walk));
  if (mayWait && on.walk.root.meaning?.sleepable === true) {
    const section = open.findLast((one) => !isLock(one));
    if (section !== undefined) tell("waits in a section", event, section, on);
  }
}

function needLock(event: CallEvent, on: On<Slot>): void {
  if (event.kfunc === undefined || on.slot.isUnsure || on.slot.open.some(isLock)) return;
  // What a tree's node leads to is read with the tree's lock held: which tree that is, the argument does not say.
  const [head] = event.args;
  if (head?.kind !== "pointer" || !["global", "map value"].includes(head.thing.kind)) return;
  tell("no lock for a list", event, undefined, on);
}

/** Programs that never sleep are in such a section all along. */
function needSection(event: CallEvent, on: On<Slot>): void {
  const { root } = on.walk;
  if (root.isFunction || root.meaning?.sleepable !== true || on.slot.isUnsure || on.slot.open.length > 0) return;
  tell("outside of a section", event, undefined, on);
}

const WORDS: Readonly<Record<What, string>> = {
  lock: "the lock is taken here",
  "resilient lock": "the lock is taken here",
  "RCU section": "the section begins here",
  preemption: "preemption is switched off here",
  interrupts: "interrupts are switched off here",
};

function tell(kind: string, event: CallEvent, before: Section | undefined, on: On<Slot>, turn?: Turn): void {
  on.walk.report(on.path, {
    kind,
    span: event.call,
    about: event.name,
    facts: { what: turn?.what ?? before?.what, by: before?.by, end: before?.end },
    story: before === undefined ? [] : [{ span: before.span, message: WORDS[before.what] }],
  });
}

/** What a function begins and does not end, its caller does who calls it for that. */
function handOut(on: On<Slot>): void {
  const { frames, frame } = on.path;
  const caller = frames.at(-2);
  const span = on.slot.open.some((one) => one.frame === frame.id) ? calledAt(on.path) : undefined;
  if (caller === undefined || span === undefined) return;
  const open = on.slot.open.map((one): Section => {
    return one.frame === frame.id ? { ...one, frame: caller.id, span, argument: undefined, declared: undefined } : one;
  });
  on.slot = { ...on.slot, open };
}

function tellOpen({ at }: LeaveEvent, on: On<Slot>): void {
  for (const one of on.slot.open) tellLeft(one, at.span, on, { by: undefined, isEnd: at.isEnd });
}

function tellLeft(
  { what, by: begun, end: undo, span, frame, argument, declared, result }: Section,
  at: Span,
  { walk, path }: On<Slot>,
  { by, isEnd }: { readonly by: string | undefined; readonly isEnd: boolean },
): void {
  // Whether it was given is not asked at all: then it may be.
  const isOwn = frame === path.frame.id && result === undefined && (argument !== undefined || isCounted(what));
  walk.report(path, {
    kind: "left open",
    apart: `${span.start}`,
    span: at,
    about: begun,
    facts: {
      what,
      by,
      isEnd,
      end: isOwn ? undo : undefined,
      from: argument?.start,
      to: argument?.end,
      declared,
    },
    story: [{ span, message: WORDS[what] }],
  });
}
