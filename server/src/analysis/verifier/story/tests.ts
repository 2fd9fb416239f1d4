/** Which comparisons say something of a value: of it, of a copy, of half of it, or only of what was read there before. */

import type { VerifierLog } from "../log.ts";
import { type Bounds, boundsOf, rangeText } from "./bounds-of.ts";
import type { Told } from "./chapters.ts";
import { copiesAlong } from "./copies.ts";
import { type Event, historyOf, stateBefore } from "./history.ts";
import { operationAt, wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";

/** Comparisons of registers that held the value at that time, or half of it. */
export function testsOf({ log }: Scene, events: readonly Event[], at: number): readonly Told[] {
  const origin = events[0];
  if (origin === undefined) return [];
  const way = wayTo(log, at);
  const rest = way.slice(way.indexOf(origin.since ?? origin.at));
  const told: Told[] = [];
  let n = 0;
  for (const { at: i, names, halves } of copiesAlong(log, rest, events)) {
    const next = rest[++n];
    if (next === undefined) break;
    const [whole, half] = [names, halves].map((set) => testedAt(log, i, next, set));
    const text = whole === undefined ? undefined : knownText(whole);
    if (text !== undefined) told.push({ at: i, text: `from this test on ${text}`, weight: 2 });
    else if (half !== undefined) told.push({ at: i, text: "here only its lower 32 bits are tested", weight: 2 });
  }
  return told;
}

/** What a comparison shows of one of these, where it shows anything. */
function testedAt(log: VerifierLog, at: number, next: number, names: ReadonlySet<string>): Bounds | undefined {
  const operation = operationAt(log, at);
  const step = log.steps[at];
  if (operation.kind !== "jump" || step === undefined) return undefined;
  const side = [operation.left, operation.right].find(
    (one): one is string => typeof one === "string" && names.has(`${step.frame}:${one}`),
  );
  if (side === undefined) return undefined;
  const known = boundsOf(step.state.get(side) ?? log.steps[next]?.before?.get(side));
  if (known?.type !== "scalar") return undefined;
  return isNarrower(known, boundsOf(stateBefore(log, at, side))) ? known : undefined;
}

/** Tests of what was read at the very same place before: it may be another value by now. */
export function testsOfFormer(found: Scene, events: readonly Event[], at: number): readonly Told[] {
  const { log } = found;
  const origin = events[0];
  if (origin?.kind !== "load" || origin.operation.kind !== "load") return [];
  const address = addressOf(log, origin.at);
  if (address === undefined) return [];
  const way = wayTo(log, at);
  const before = way.slice(0, way.indexOf(origin.at));
  const former = before.findLast((i) => operationAt(log, i).kind === "load" && addressOf(log, i) === address);
  const operation = former === undefined ? undefined : operationAt(log, former);
  if (former === undefined || operation?.kind !== "load") return [];
  const event: Event = { kind: "load", at: former, name: operation.to, operation };
  const text = "what is tested here is not what is used: that is read anew";
  return testsOf(found, [event], origin.at).map((told) => ({ ...told, text }));
}

/** Of a load: where its pointer comes from, and how far from there. */
function addressOf(log: VerifierLog, at: number): string | undefined {
  const operation = operationAt(log, at);
  if (operation.kind !== "load" || log.steps[at]?.frame !== 0) return undefined;
  const { base, offset, bytes } = operation.memory;
  const [origin, ...rest] = historyOf(log, at, base).events;
  const isMoved = rest.some(({ kind }) => kind === "arithmetic");
  return origin === undefined || isMoved ? undefined : `${origin.at}+${offset}:${bytes}`;
}

/** A test that leaves everything possible that was is none of the value's size. */
function isNarrower(now: Bounds, before: Bounds | undefined): boolean {
  if (before === undefined || before.type !== "scalar") return true;
  if (now.smin > before.smin || now.smax < before.smax || now.umin > before.umin || now.umax < before.umax) return true;
  return (lowerHalf(now)?.to ?? MOST_32) < (lowerHalf(before)?.to ?? MOST_32);
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
