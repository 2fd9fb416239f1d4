/** What a log tells of registers when something is refused: what is in them, which argument they are. */

import type { Found } from "./family.ts";
import type { Step } from "./log.ts";
import { boundsOf, rangeText } from "./story/bounds-of.ts";
import { variableFor } from "./story/chapters.ts";
import * as history from "./story/history.ts";

/** The state of a register before the refused step, in the words of the log; undefined where it does not say. */
export function stateBefore({ log, at }: Found, register: string): string | undefined {
  return at === undefined ? undefined : history.stateBefore(log, at, register);
}

/** What a plain number may be before the refused step: "between 0 and 63"; undefined where nothing bounds it. */
export function rangeBefore(found: Found, register: string): string | undefined {
  const bounds = boundsOf(stateBefore(found, register));
  return bounds?.type === "scalar" ? rangeText(bounds) : undefined;
}

/** The helper or kfunc that the refused step calls. */
export function calledBy({ log: { steps }, at }: Found): string | undefined {
  return at === undefined ? undefined : calleeOf(steps[at]);
}

/** Undefined for no call, a call of the program's own, and a helper without a name. */
export function calleeOf(step: Step | undefined): string | undefined {
  const name = /^\(85\) call (\w+)#/.exec(step?.text ?? "")?.[1];
  return name === "unknown" ? undefined : name;
}

/** "Argument 2 of bpf_map_lookup_elem()" where the step is a call; else "R2". */
export function named(found: Found, register: string): string {
  const callee = calledBy(found);
  const nth = Number(register.slice(1));
  if (callee === undefined || !(nth >= 1 && nth <= 5)) return register;
  return `Argument ${nth} of ${callee}()`;
}

/** `value` of `__u64 *value = bpf_map_lookup_elem(…)`, from the source line of a step. */
export function assignedIn(found: Found, step: number, callee: string): string | undefined {
  return variableFor(found.placeOf(step)?.text ?? found.log.steps[step]?.source?.text, callee);
}

/** The last call before the refused step whose result the register still is, by the mark that the log has on both. */
export function resultOf(
  found: Found,
  register: string,
): { readonly step: number; readonly callee: string } | undefined {
  const { log, at } = found;
  const id = boundsOf(stateBefore(found, register))?.fields.get("id");
  if (at === undefined || id === undefined || id === "0") return undefined;
  for (let step = at - 1; step >= 0; step--) {
    const one = log.steps[step];
    const callee = calleeOf(one);
    if (callee !== undefined && boundsOf(one?.state.get("R0"))?.fields.get("id") === id) return { step, callee };
  }
  return undefined;
}

/** The line that follows: what is out of bounds is said in two. */
export function nextLine({ log: { messages }, match }: Found): string {
  const at = messages.findLastIndex(({ text }) => text === match.input);
  return at < 0 ? "" : (messages[at + 1]?.text ?? "");
}

export function bytes(count: number): string {
  return `${count} byte${count === 1 ? "" : "s"}`;
}
