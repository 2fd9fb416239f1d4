/** The story of a bound: where the value was tested, and where what was known of it was lost. */

import type { Chapter } from "../answer.ts";
import { type Bounds, boundsOf, rangeText } from "./bounds-of.ts";
import { chaptersOf, type Told } from "./chapters.ts";
import { type Event, historyOf, stateBefore } from "./history.ts";
import { operationOf } from "./operation.ts";
import { wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";
import { toldOf } from "./value.ts";

/** @param name of the register whose value is too wide, or of the pointer that such a value was added to */
export function boundWasLost(found: Scene, name: string, at: number | undefined = found.at): readonly Chapter[] {
  return at === undefined ? [] : chaptersOf(found, boundTold(found, name, at));
}

export function boundTold(found: Scene, name: string, at: number): readonly Told[] {
  const { events } = historyOf(found.log, at, name);
  const added = addedIn(found, events);
  const own = [...toldOf(found, events), ...testsOf(found, events, at), ...lossesIn(found, events)];
  return added === undefined ? own : [...own, ...boundTold(found, added.name, added.at)];
}

/** The last number that was added to a pointer. */
function addedIn({ log }: Scene, events: readonly Event[]): { readonly name: string; readonly at: number } | undefined {
  for (const { operation, at, name } of events.toReversed()) {
    if (operation.kind !== "arithmetic" || operation.from === undefined) continue;
    const [pointer, number] = [stateBefore(log, at, name), stateBefore(log, at, operation.from)].map(boundsOf);
    if (pointer !== undefined && pointer.type !== "scalar" && number?.type === "scalar")
      return { name: operation.from, at };
  }
  return undefined;
}

/** Comparisons of registers that held the value at that time. */
function testsOf(found: Scene, events: readonly Event[], at: number): readonly Told[] {
  const { log } = found;
  const origin = events[0];
  if (origin === undefined) return [];
  const way = wayTo(log, at);
  return way.slice(way.indexOf(origin.at) + 1).flatMap((i, n, rest): readonly Told[] => {
    const [step, next] = [log.steps[i], log.steps[rest[n + 1] ?? -1]];
    const operation = operationOf(step?.text ?? "");
    if (step === undefined || next === undefined || operation.kind !== "jump") return [];
    const sides = [operation.left, operation.right].filter((side) => typeof side === "string");
    const side = sides.find((one) => historyOf(log, i, one).events[0]?.at === origin.at);
    if (side === undefined) return [];
    const after = boundsOf(step.state.get(side) ?? next.before?.get(side));
    const text = after?.type === "scalar" ? knownText(after) : undefined;
    return text === undefined ? [] : [{ at: i, text: `from this test on ${text}`, weight: 2 }];
  });
}

function knownText(bounds: Bounds): string | undefined {
  const range = rangeText(bounds);
  const half = lowerHalf(bounds);
  if (half !== undefined && bounds.smax - bounds.smin > half.to - half.from)
    return `its lower 32 bits are known to be between ${half.from} and ${half.to}, and nothing is known of the upper ones`;
  return range === undefined ? undefined : `it is known to be ${range}`;
}

/** What a test of 32 bits leaves of a value whose upper half is unknown. */
function lowerHalf({ fields, umax, smin }: Bounds): { readonly from: bigint; readonly to: bigint } | undefined {
  const to = fields.get("umax32") ?? fields.get("u32_max");
  if (to === undefined || !/^(?:0x[0-9a-f]+|\d+)$/.test(to) || (smin >= 0n && umax <= MOST_32)) return undefined;
  const from = fields.get("umin32") ?? fields.get("u32_min") ?? "0";
  return { from: /^(?:0x[0-9a-f]+|\d+)$/.test(from) ? BigInt(from) : 0n, to: BigInt(to) };
}

const MOST_32 = (1n << 32n) - 1n;

/** Where more became possible than was before. */
function lossesIn({ log }: Scene, events: readonly Event[]): readonly Told[] {
  const told: Told[] = [];
  let known: Bounds | undefined;
  for (const [n, event] of events.entries()) {
    // Half of a sign extension says nothing yet.
    if (isHalf(event, events[n + 1])) continue;
    const bounds = boundsOf(log.steps[event.at]?.state.get(event.name));
    if (bounds?.type !== "scalar") continue;
    if (known !== undefined && wider(bounds, known))
      told.push({ at: event.at, text: lossText(event, bounds), weight: 4 });
    known = bounds;
  }
  return told;
}

const isHalf = ({ operation }: Event, next: Event | undefined): boolean =>
  operation.kind === "arithmetic" &&
  operation.operator === "<<=" &&
  next?.operation.kind === "arithmetic" &&
  next.operation.operator.endsWith(">>=");

const wider = (now: Bounds, before: Bounds): boolean => now.smin < before.smin || now.smax > before.smax;

function lossText({ kind, operation }: Event, now: Bounds): string {
  const range = rangeText(now);
  const rest = range === undefined ? "nothing is known of it from here on" : `from here on it may be ${range}`;
  if (operation.kind === "arithmetic" && operation.operator === "s>>=")
    return `here it is taken as a number with a sign: ${rest}`;
  return kind === "fill" ? `here it comes back from the stack, and ${rest}` : rest;
}
