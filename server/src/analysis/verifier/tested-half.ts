/** A number that the C tests in 32 bits, where the compiler tested a copy of its lower half: the number itself stays unknown. */

import { boundsOf } from "./story/bounds-of.ts";
import { historyOf, stateBefore } from "./story/history.ts";
import { type Operation, operationOf } from "./story/operation.ts";
import { wayTo } from "./story/path.ts";
import type { Scene } from "./story/scene.ts";

export interface TestedHalf {
  /** The step of the last test. */
  readonly at: number;
  readonly least: bigint;
  readonly most: bigint;
}

/** More than that the verifier takes for no size. */
const LARGEST = 1n << 29n;

/** Undefined unless the log shows that the half is bounded on both sides before the refused step. */
export function testedHalf({ log, at }: Scene, register: string): TestedHalf | undefined {
  if (at === undefined) return undefined;
  const { events, complete } = historyOf(log, at, register);
  const origin = events.findLast(({ kind }) => kind !== "move");
  if (!complete || origin === undefined) return undefined;
  const copies: Copies = { whole: new Set([origin.name]), half: new Set(), shifted: new Set() };
  const way = wayTo(log, at).filter((step) => step > origin.at);
  let found: TestedHalf | undefined;
  for (const [i, step] of way.slice(0, -1).entries()) {
    const { text = "" } = log.steps[step] ?? {};
    const operation = operationOf(text);
    follow(copies, operation, text);
    const next = way[i + 1];
    if (operation.kind !== "jump" || next === undefined) continue;
    for (const name of [operation.left, operation.right])
      if (typeof name === "string") found = known(copies, name, stateBefore(log, next, name), step) ?? found;
  }
  return found;
}

interface Copies {
  readonly whole: Set<string>;
  /** The lower 32 bits alone. */
  readonly half: Set<string>;
  /** On the way to that: moved up by 32, to be moved down again. */
  readonly shifted: Set<string>;
}

function follow({ whole, half, shifted }: Copies, operation: Operation, text: string): void {
  const all = [whole, half, shifted];
  if (operation.kind === "call") for (const set of all) for (const name of CLOBBERED) set.delete(name);
  if (!("to" in operation) || operation.to === undefined) return;
  const { to } = operation;
  const [wasWhole, wasShifted] = [whole.has(to), shifted.has(to)];
  const from = operation.kind === "move" && operation.cast === undefined ? operation.from : "";
  const [fromWhole, fromHalf] = [whole.has(from), half.has(from)];
  for (const set of all) set.delete(to);
  if (fromHalf || (fromWhole && text.startsWith("(bc)"))) half.add(to);
  else if (fromWhole) whole.add(to);
  if (operation.kind !== "arithmetic" || operation.value !== 32n) return;
  if (wasWhole && operation.operator === "<<=") shifted.add(to);
  if (wasShifted && /^s?>>=$/.test(operation.operator)) half.add(to);
}

const CLOBBERED = ["R0", "R1", "R2", "R3", "R4", "R5"];

function known({ whole, half }: Copies, name: string, state: string | undefined, at: number): TestedHalf | undefined {
  const bounds = boundsOf(state);
  if (bounds?.type !== "scalar") return undefined;
  const tested = half.has(name) ? bounds : whole.has(name) ? lowerHalf(bounds.fields) : undefined;
  if (tested === undefined || tested.smin < 0n || tested.smax >= LARGEST) return undefined;
  return { at, least: tested.smin, most: tested.smax };
}

/** What the log says of the lower 32 bits of a register. */
function lowerHalf(fields: ReadonlyMap<string, string>): { readonly smin: bigint; readonly smax: bigint } | undefined {
  const umax = fields.get("umax32") ?? (Number(fields.get("smin32")) >= 0 ? fields.get("smax32") : undefined);
  if (umax === undefined) return undefined;
  return { smin: BigInt(fields.get("umin32") ?? 0), smax: BigInt(umax) };
}
