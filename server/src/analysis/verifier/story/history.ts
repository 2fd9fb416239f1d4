/** What became of a value, step by step back to where it came from. */

import type { VerifierLog } from "../log.ts";
import { boundsOf } from "./bounds-of.ts";
import type { Memory, Operation } from "./operation.ts";
import { operationAt, stepBefore } from "./path.ts";

export interface Event {
  readonly kind:
    | "call"
    | "load"
    | "constant"
    | "move"
    | "spill"
    | "fill"
    | "arithmetic"
    /** What the function was called with. */
    | "argument"
    /** What a helper hands to the function that it calls. */
    | "callback"
    /** What a function of the program gives back. */
    | "returned"
    /** A call leaves nothing in R1 to R5. */
    | "clobbered"
    | "written";
  /** Index of its step. */
  readonly at: number;
  /** Where it happened later than its step: a function gives back what it has come to in the end. */
  readonly since?: number;
  /** The register or slot that holds the value after this step: `R1`, `fp-8`. */
  readonly name: string;
  readonly operation: Operation;
}

export interface History {
  /** From the origin on. */
  readonly events: readonly Event[];
  /** Whether the first of them is where the value came to be; else the log does not show it. */
  readonly complete: boolean;
  /** Where the trace ended without one: `R1` at the beginning of the program is its context. */
  readonly end: { readonly name: string; readonly frame: number };
}

/** @param name of the register or slot whose value is meant, as it was just before the step */
export function historyOf(log: VerifierLog, at: number, name: string): History {
  const events: Event[] = [];
  let [value, frame] = [name, log.steps[at]?.frame ?? 0];
  for (let i = stepBefore(log, at); i !== undefined; i = stepBefore(log, i)) {
    const step = log.steps[i];
    if (step === undefined) break;
    const operation = operationAt(log, i);
    const add = (kind: Event["kind"]): void => void events.push({ kind, at: i as number, name: value, operation });
    const finished = (): History => ({ events: events.reverse(), complete: true, end: { name: value, frame } });
    if (step.frame < frame) {
      if (!ARGUMENTS.has(value)) break;
      const isOwn = operation.kind === "call" && operation.what === "subprogram";
      add(isOwn ? "argument" : "callback");
      if (!isOwn) return finished();
      frame = step.frame;
      continue;
    }
    if (step.frame > frame) {
      const caller = callerOf(log, i, frame);
      if (caller === undefined) break;
      const call = operationAt(log, caller);
      if (value === "R0" && call.kind === "call" && call.what === "subprogram") {
        events.push({ kind: "returned", at: caller, since: i, name: value, operation: call });
        frame = step.frame;
        continue;
      }
      i = caller;
      if (value === "R0" || ARGUMENTS.has(value)) {
        events.push({ kind: value === "R0" ? "call" : "clobbered", at: caller, name: value, operation: call });
        return finished();
      }
      continue;
    }
    const change = changeBy(log, i, operation, value);
    if (change === undefined) continue;
    add(change.kind);
    if (change.from === undefined) return finished();
    value = change.from;
  }
  return { events: events.reverse(), complete: false, end: { name: value, frame } };
}

const ARGUMENTS: ReadonlySet<string> = new Set(["R1", "R2", "R3", "R4", "R5"]);

export const isArgument = (name: string): boolean => ARGUMENTS.has(name);

/** The call in a frame that led to a step of a deeper one. */
function callerOf(log: VerifierLog, at: number, frame: number): number | undefined {
  for (let i = stepBefore(log, at); i !== undefined; i = stepBefore(log, i))
    if ((log.steps[i]?.frame ?? 0) <= frame) return i;
  return undefined;
}

interface Change {
  readonly kind: Event["kind"];
  /** Where the value was before; undefined where it came to be here. */
  readonly from?: string;
}

function changeBy(log: VerifierLog, at: number, operation: Operation, value: string): Change | undefined {
  const isSlot = value.startsWith("fp");
  switch (operation.kind) {
    case "move":
      return operation.to === value ? { kind: "move", from: operation.from } : undefined;
    case "constant":
      return operation.to === value ? { kind: "constant" } : undefined;
    case "arithmetic":
      return operation.to === value ? { kind: "arithmetic", from: value } : undefined;
    case "load": {
      if (operation.to !== value) return undefined;
      const slot = slotOf(log, at, operation.memory);
      return slot === undefined ? { kind: "load" } : { kind: "fill", from: slot };
    }
    case "store":
      return isSlot ? stored(log, at, operation.memory, operation.from, value) : undefined;
    case "call":
      if (value === "R0") return { kind: "call" };
      if (ARGUMENTS.has(value)) return { kind: "clobbered" };
      return isSlot && log.steps[at]?.state.has(value) === true ? { kind: "written" } : undefined;
    case "other":
      return operation.to === value ? { kind: "written" } : undefined;
    default:
      return undefined;
  }
}

function stored(
  log: VerifierLog,
  at: number,
  memory: Memory,
  from: string | undefined,
  value: string,
): Change | undefined {
  const slot = slotOf(log, at, memory);
  if (slot === undefined) return undefined;
  if (slot === value) return from === undefined ? { kind: "constant" } : { kind: "spill", from };
  const [first, wanted] = [Number(slot.slice(2)), Number(value.slice(2))];
  return first < wanted + 8 && wanted < first + memory.bytes ? { kind: "written" } : undefined;
}

/** The stack slot of the own frame that an access means: `fp-16`. */
export function slotOf(log: VerifierLog, at: number, { base, offset }: Memory): string | undefined {
  if (base === "R10") return `fp${offset}`;
  const shown = stateOf(log, at, base);
  // Up to 6.1 a pointer to the stack of the caller is shown as if it were one to the own.
  if ((log.steps[at]?.frame ?? 0) > 0 && historyOf(log, at, base).end.name !== "R10") return undefined;
  const own = /^fp(-?\d+)$/.exec(shown ?? "")?.[1];
  if (own !== undefined) return `fp${Number(own) + offset}`;
  // Before 5.19: fp(id=0,off=-8).
  const bounds = boundsOf(shown);
  const off = bounds?.type === "fp" ? bounds.fields.get("off") : undefined;
  return off === undefined ? undefined : `fp${Number(off) + offset}`;
}

/** What was last said of a register or slot when a step was done, in its frame. */
export function stateOf(log: VerifierLog, at: number, name: string): string | undefined {
  const step = log.steps[at];
  const shown = step?.state.get(name);
  if (step === undefined || shown !== undefined) return shown;
  return writes(operationAt(log, at), name) ? undefined : stateBefore(log, at, name);
}

/** What was said of it just before a step. */
export function stateBefore(log: VerifierLog, at: number, name: string): string | undefined {
  const frame = log.steps[at]?.frame ?? 0;
  for (let i: number | undefined = at; i !== undefined; i = stepBefore(log, i)) {
    const step = log.steps[i];
    if (step === undefined || step.frame < frame) return undefined;
    if (step.frame > frame) continue;
    if (i !== at) {
      const shown = step.state.get(name);
      if (shown !== undefined) return shown;
      if (writes(operationAt(log, i), name)) return undefined;
    }
    const known = step.before?.get(name);
    if (known !== undefined) return known;
  }
  return undefined;
}

function writes(operation: Operation, name: string): boolean {
  if (operation.kind === "call") return name === "R0" || ARGUMENTS.has(name);
  return "to" in operation && operation.to === name;
}
