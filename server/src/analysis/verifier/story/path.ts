/** The way that led to a step: a log may show several, one after another. */

import type { Step, VerifierLog } from "../log.ts";
import { type Operation, operationOf } from "./operation.ts";

/**
 * The step that was looked at before, on the same way; undefined at its beginning. Where a way ended, the kernel goes back to
 * the last branch of which it has not seen the other side.
 */
export function stepBefore(log: VerifierLog, at: number): number | undefined {
  const found = (known.get(log) ?? remember(log))[at];
  return found === undefined || found < 0 ? undefined : found;
}

/** The steps that led to one, this last, in the order of the program. */
export function wayTo(log: VerifierLog, at: number): readonly number[] {
  const found: number[] = [];
  for (let i: number | undefined = at; i !== undefined; i = stepBefore(log, i)) found.push(i);
  return found.reverse();
}

/** What a step does; asked often. */
export function operationAt(log: VerifierLog, at: number): Operation {
  const step = log.steps[at];
  if (step === undefined) return { kind: "other", to: undefined };
  const found = operations.get(step) ?? operationOf(step.text);
  operations.set(step, found);
  return found;
}

const operations = new WeakMap<Step, Operation>();

/** Whether a jump was taken, on the way that goes on with another step. */
export function wasTaken(jump: Step, next: Step): boolean | undefined {
  const operation = operationOf(jump.text);
  if (operation.kind !== "jump" || operation.by === 0) return undefined;
  return next.instruction === jump.instruction + 1 + operation.by;
}

const known = new WeakMap<VerifierLog, Int32Array>();

function remember(log: VerifierLog): Int32Array {
  const found = befores(log.steps);
  known.set(log, found);
  return found;
}

function befores(steps: readonly Step[]): Int32Array {
  const found = new Int32Array(steps.length).fill(-1);
  const open: number[] = [];
  let last: { readonly step: Step; readonly operation: Operation } | undefined;
  for (const [i, step] of steps.entries()) {
    if (last !== undefined && leadsTo(last.step, last.operation, step) && isBehind(last.step, step)) found[i] = i - 1;
    else if (last !== undefined) found[i] = lastOpen(steps, open, step);
    const operation = operationOf(step.text);
    if (operation.kind === "jump" || operation.kind === "call") open.push(i);
    last = { step, operation };
  }
  return found;
}

/** Branches that cannot lead there had no other side to be looked at. */
function lastOpen(steps: readonly Step[], open: number[], to: Step): number {
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    const from = steps[i];
    if (from !== undefined && leadsTo(from, operationOf(from.text), to) && isBehind(from, to)) return i;
  }
  return -1;
}

/** Of a path that begins here, the log may say behind which instruction it parted from the former one. */
function isBehind({ instruction }: Step, { from }: Step): boolean {
  return from === undefined || from === instruction;
}

function leadsTo(from: Step, operation: Operation, { instruction, frame }: Step): boolean {
  const next = from.instruction + 1;
  switch (operation.kind) {
    case "exit":
      return frame < from.frame;
    case "goto":
      return instruction === next + operation.by;
    case "jump":
      return instruction === next || instruction === next + operation.by;
    case "call":
      // A function of the program, or one that a helper calls.
      return instruction === next || frame > from.frame;
    default:
      return instruction === next || (instruction === next + 1 && from.text.startsWith("(18)"));
  }
}
