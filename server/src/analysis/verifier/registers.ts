/** What a log tells of registers when something is refused: what is in them, which argument they are. */

import type { Found } from "./family.ts";
import type { Step } from "./log.ts";
import { rangeOf } from "./range.ts";

/** The state of a register before the refused step, in the words of the log; undefined where it does not say. */
export function stateBefore({ log: { steps }, at }: Found, register: string): string | undefined {
  if (at === undefined) return undefined;
  const frame = steps[at]?.frame;
  for (let i = at - 1; i >= 0; i--) {
    const step = steps[i];
    const state = step?.frame === frame ? step?.state.get(register) : undefined;
    if (state !== undefined) return state;
  }
  return undefined;
}

/** What a plain number may be before the refused step: "from 0 to 63"; undefined where nothing bounds it. */
export function boundsBefore(found: Found, register: string): string | undefined {
  const state = stateBefore(found, register);
  return state === undefined ? undefined : rangeOf(state)?.words;
}

/** The helper or kfunc that the refused step calls. */
export function calledBy({ log: { steps }, at }: Found): string | undefined {
  return at === undefined ? undefined : calleeOf(steps[at]);
}

/** Also of older logs: `(85) call 1`. */
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
  const text = found.placeOf(step)?.text ?? found.log.steps[step]?.source?.text ?? "";
  const [before] = text.split(new RegExp(`\\b${callee}\\b`));
  return before === text ? undefined : /([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)?$/.exec(before ?? "")?.[1];
}

/** The last call before the refused step whose result the register still is, by the mark that the log has on both. */
export function resultOf(
  found: Found,
  register: string,
): { readonly step: number; readonly callee: string } | undefined {
  const { log, at } = found;
  const id = /\bid=(\d+)/.exec(stateBefore(found, register) ?? "")?.[1];
  if (at === undefined || id === undefined || id === "0") return undefined;
  const mark = new RegExp(`\\bid=${id}\\b`);
  for (let step = at - 1; step >= 0; step--) {
    const one = log.steps[step];
    const callee = calleeOf(one);
    if (callee !== undefined && mark.test(one?.state.get("R0") ?? "")) return { step, callee };
  }
  return undefined;
}

/** The message that follows: what is out of bounds is said in two lines. */
export function nextMessage({ log: { messages }, match }: Found): string {
  const at = messages.findLastIndex(({ text }) => text.includes(match[0]));
  return at < 0 ? "" : (messages[at + 1]?.text ?? "");
}

export function bytes(count: number): string {
  return `${count} byte${count === 1 ? "" : "s"}`;
}
