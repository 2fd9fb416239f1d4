/** The story of a bound: where the value was tested, and where what was known of it was lost. */

import type { Chapter } from "../answer.ts";
import type { Found } from "../family.ts";
import { type Bounds, boundsOf, rangeText } from "./bounds-of.ts";
import { chaptersOf, type Told } from "./chapters.ts";
import { type Event, historyOf } from "./history.ts";
import { operationOf } from "./operation.ts";
import { wayTo } from "./path.ts";
import { toldOf } from "./value.ts";

/** @param name of the register whose value is too wide, as it was just before the step */
export function boundWasLost(found: Found, name: string, at: number | undefined = found.at): readonly Chapter[] {
  if (at === undefined) return [];
  const { events } = historyOf(found.log, at, name);
  return chaptersOf(found, [...toldOf(found, events), ...testsOf(found, events, at), ...lossesIn(found, events)]);
}

/** Comparisons of registers that held the value at that time. */
function testsOf(found: Found, events: readonly Event[], at: number): readonly Told[] {
  const { steps } = found.log;
  const origin = events[0];
  if (origin === undefined) return [];
  const way = wayTo(found.log, at);
  return way.slice(way.indexOf(origin.at)).flatMap((i, n, rest): readonly Told[] => {
    const step = steps[i];
    const operation = operationOf(step?.text ?? "");
    if (step === undefined || operation.kind !== "jump" || rest[n + 1] === undefined) return [];
    const sides = [operation.left, operation.right].filter((side) => typeof side === "string");
    const side = sides.find((one) => historyOf(found.log, i, one).events[0]?.at === origin.at);
    if (side === undefined) return [];
    const after = boundsOf(step.state.get(side) ?? steps[rest[n + 1] ?? -1]?.state.get(side));
    if (after === undefined || after.type !== "scalar") return [];
    const range = rangeText(after);
    return range === undefined ? [] : [{ at: i, text: `from this test on it is known to be ${range}`, weight: 2 }];
  });
}

/** Where more became possible than was before. */
function lossesIn(found: Found, events: readonly Event[]): readonly Told[] {
  const told: Told[] = [];
  let known: Bounds | undefined;
  for (const event of events) {
    const bounds = boundsOf(found.log.steps[event.at]?.state.get(event.name));
    if (bounds?.type !== "scalar") continue;
    // Half of a sign extension says nothing yet.
    if (isHalf(event)) continue;
    if (known !== undefined && wider(bounds, known))
      told.push({ at: event.at, text: lossText(event, bounds), weight: 4 });
    known = bounds;
  }
  return told;
}

const isHalf = ({ operation }: Event): boolean => operation.kind === "arithmetic" && operation.operator === "<<=";

const wider = (now: Bounds, before: Bounds): boolean => now.smin < before.smin || now.smax > before.smax;

function lossText({ kind, operation }: Event, now: Bounds): string {
  const range = rangeText(now);
  const rest = range === undefined ? "nothing is known of it any more" : `it may be ${range} from here on`;
  if (operation.kind === "arithmetic" && operation.operator === "s>>=")
    return `here it is taken as a number with a sign: ${rest}`;
  if (kind === "fill") return `here it comes back from the stack: ${rest}`;
  return `here ${rest}`;
}
