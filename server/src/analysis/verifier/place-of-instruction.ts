/** The step of a log at which an instruction was looked at, for messages that name its number. */

import type { Found } from "./family.ts";

/** Index of the last such step before the message; undefined where the log does not show it. */
export function placeOfInstruction({ log, at }: Found, instruction: number): number | undefined {
  const until = at === undefined ? log.steps.length : at + 1;
  const index = log.steps.slice(0, until).findLastIndex((step) => step.instruction === instruction);
  return index < 0 ? undefined : index;
}
