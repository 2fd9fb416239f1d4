/** The story of a bound: where the value was tested, and where what was known of it was lost. */

import type { Chapter } from "../answer.ts";
import { type Bounds, boundsOf, rangeText } from "./bounds-of.ts";
import { chaptersOf, type Told } from "./chapters.ts";
import { type Event, historyOf, stateBefore } from "./history.ts";
import type { Scene } from "./scene.ts";
import { testsOf, testsOfFormer } from "./tests.ts";
import { toldOf } from "./value.ts";

/** @param name of the register whose value is too wide, or of the pointer that such a value was added to */
export function boundWasLost(found: Scene, name: string, at: number | undefined = found.at): readonly Chapter[] {
  return at === undefined ? [] : chaptersOf(found, boundTold(found, name, at));
}

function boundTold(found: Scene, name: string, at: number): readonly Told[] {
  const { events } = historyOf(found.log, at, name);
  const added = addedIn(found, events);
  const noun = added === undefined ? "the value" : "the pointer";
  const own = [
    ...toldOf(found, events, noun),
    ...testsOf(found, events, at),
    ...testsOfFormer(found, events, at),
    ...lossesIn(found, events),
  ];
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
