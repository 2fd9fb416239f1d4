/** Which of all that a verifier printed is the reason of its refusal. */

import type { Message, VerifierLog } from "./log.ts";

export interface Reason {
  /** Line by line; the first is the most telling one. */
  readonly lines: readonly string[];
  /** Index of the last step before it; undefined where none was looked at. */
  readonly at: number | undefined;
}

/**
 * The verifier stops at what it refuses, so the reason is what was printed behind the last step: what it printed before
 * it went on from. Several lines are one reason: `invalid access to packet` is followed by which bound is missing.
 */
export function reasonIn(log: VerifierLog): Reason | undefined {
  return behindLastStep(log.messages.filter(({ weak }) => !weak));
}

/** What is harmless mostly: the reason where there is no other. */
export function weakReasonIn(log: VerifierLog): Reason | undefined {
  return behindLastStep(log.messages.filter(({ weak }) => weak));
}

function behindLastStep(messages: readonly Message[]): Reason | undefined {
  const last = messages.at(-1);
  if (last === undefined) return undefined;
  const lines = messages.filter(({ after }) => after === last.after).map(({ text }) => text);
  return { lines, at: last.after === 0 ? undefined : last.after - 1 };
}
