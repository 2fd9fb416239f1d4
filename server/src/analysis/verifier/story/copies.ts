/** Which registers and stack slots hold a value at each step of its way: a test of one is a test of all. */

import type { VerifierLog } from "../log.ts";
import { type Event, isArgument, slotOf } from "./history.ts";
import type { Operation } from "./operation.ts";
import { operationAt } from "./path.ts";

export interface Held {
  readonly at: number;
  /** Before the step; with the frame: `0:R1`. */
  readonly names: ReadonlySet<string>;
  /** Those that hold its lower 32 bits alone. */
  readonly halves: ReadonlySet<string>;
}

/**
 * @param way the steps from the origin on
 * @param events what became of the value; where something is calculated, only the result is the value from there on
 */
export function* copiesAlong(log: VerifierLog, way: readonly number[], events: readonly Event[]): Generator<Held> {
  const own = new Map(events.map((event) => [event.since ?? event.at, event]));
  let names = new Set<string>();
  let halves = new Set<string>();
  /** Shifted up by 32 bits, and not yet down again. */
  const shifted = new Set<string>();
  for (const at of way) {
    yield { at, names, halves };
    const frame = log.steps[at]?.frame ?? 0;
    const half = halfMadeBy(operationAt(log, at), frame, names, shifted);
    names = after(log, at, frame, names);
    halves = after(log, at, frame, halves);
    if (half !== undefined) halves.add(half);
    const event = own.get(at);
    if (event === undefined || event.kind === "argument" || event.kind === "returned") continue;
    const holder = `${event.kind === "callback" ? frame + 1 : frame}:${event.name}`;
    if (event.kind === "arithmetic") names = new Set();
    names.add(holder);
  }
}

/** `w2 = w1`, or up and down again by 32 bits. */
function halfMadeBy(
  operation: Operation,
  frame: number,
  whole: ReadonlySet<string>,
  shifted: Set<string>,
): string | undefined {
  if (operation.kind === "move")
    return operation.cast === "u32" && whole.has(`${frame}:${operation.from}`) ? `${frame}:${operation.to}` : undefined;
  if (operation.kind !== "arithmetic" || operation.value !== 32n) return undefined;
  const name = `${frame}:${operation.to}`;
  if (operation.operator === "<<=" && whole.has(name)) shifted.add(name);
  else if (operation.operator.endsWith(">>=") && shifted.delete(name)) return name;
  return undefined;
}

function after(log: VerifierLog, at: number, frame: number, before: ReadonlySet<string>): Set<string> {
  const names = new Set(before);
  const operation = operationAt(log, at);
  const holds = (name: string | undefined): boolean => name !== undefined && before.has(`${frame}:${name}`);
  const set = (name: string, held: boolean): void =>
    void (held ? names.add(`${frame}:${name}`) : names.delete(`${frame}:${name}`));
  switch (operation.kind) {
    case "move":
      // A cast may change it.
      set(operation.to, operation.cast === undefined && holds(operation.from));
      break;
    case "load":
      set(operation.to, holds(slotOf(log, at, operation.memory)));
      break;
    case "store": {
      const slot = slotOf(log, at, operation.memory);
      if (slot !== undefined) set(slot, holds(operation.from));
      break;
    }
    case "call":
      for (const name of [...names]) if (isOf(name, frame) && isLost(nameIn(name))) names.delete(name);
      if (operation.what === "subprogram")
        for (const name of before)
          if (isOf(name, frame) && isArgument(nameIn(name))) names.add(`${frame + 1}:${nameIn(name)}`);
      break;
    case "exit":
      for (const name of [...names]) if (isOf(name, frame)) names.delete(name);
      if (frame > 0 && holds("R0")) names.add(`${frame - 1}:R0`);
      break;
    default:
      if ("to" in operation && operation.to !== undefined) set(operation.to, false);
  }
  return names;
}

const isOf = (name: string, frame: number): boolean => name.startsWith(`${frame}:`);
const nameIn = (name: string): string => name.slice(name.indexOf(":") + 1);
const isLost = (name: string): boolean => name === "R0" || isArgument(name);
