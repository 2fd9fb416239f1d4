/** The steps of a verifier's log, put together from its lines: in which frame, of which source line, with what known. */

import { type LastOf, lastOf } from "./lines.ts";
import type { LoggedLine, Step } from "./log.ts";
import { type LogLine, logLine } from "./log-line.ts";
import { looksBack } from "./log-noise.ts";
import { type LoggedState, NO_STATE } from "./log-state.ts";

export interface Walker {
  readonly steps: LastOf<Step>;
  take(line: LogLine, text: string): void;
  /** Whether it does not begin where logs begin. */
  isHeadless(): boolean;
}

/** The last steps lead to the answer. */
const MOST_STEPS = 20_000;
const MOST_REMEMBERED = 200_000;

type StepLine = LogLine & { readonly kind: "step" };
type StateLine = LogLine & { readonly kind: "state" };
type OpenStep = { -readonly [K in keyof Step]: Step[K] };

export function walker(): Walker {
  const steps = lastOf<OpenStep>(MOST_STEPS);
  const sources = sourceKeeper();
  let frame = 0;
  let pending: { readonly instruction: number | undefined; readonly state: LoggedState } | undefined;
  let from: number | undefined;
  let inCall = false;
  let lookingBack = false;
  let headless: boolean | undefined;

  const enter = (state: LoggedState): void => {
    frame = state.frame ?? 0;
  };
  /** The lines of the path that was given up are gone. */
  const jump = (rest: string, instruction: number): void => {
    sources.lose();
    const next = logLine(rest);
    if (next.kind !== "state") return;
    from = instruction;
    pending = next;
    enter(next.state);
  };
  const step = ({ instruction, text, state, rest }: StepLine): void => {
    headless ??= instruction !== 0;
    const source = sources.of(instruction);
    const fits = pending !== undefined && (pending.instruction ?? instruction) === instruction;
    steps.add({
      instruction,
      text,
      frame,
      state: state?.values ?? NO_STATE,
      source,
      ...(fits && pending !== undefined ? { before: pending.state.values } : {}),
      ...(from === undefined ? {} : { from }),
    });
    pending = undefined;
    from = undefined;
    inCall = false;
    lookingBack = false;
    // Behind a call, what is shown is what the callee begins with.
    if (state !== undefined) enter(state);
    if (rest !== undefined) jump(rest, instruction);
  };
  const state = ({ instruction, state: found }: StateLine): void => {
    if (lookingBack && instruction === undefined) return;
    const last = steps.last();
    if (last !== undefined && instruction !== undefined && leapsTo(last, instruction)) sources.lose();
    // On a line of its own because something was said between the two, or by an older kernel.
    else if (last !== undefined && !inCall && from === undefined && last.state.size === 0) last.state = found.values;
    enter(found);
    pending = { instruction, state: found };
  };
  const take = (line: LogLine, text: string): void => {
    if (line.kind === "source") sources.name(line.source);
    else if (line.kind === "step") step(line);
    else if (line.kind === "state") state(line);
    else if (line.kind === "path") {
      from = line.from;
      pending = line.state === undefined ? undefined : { instruction: line.to, state: line.state };
      if (line.state !== undefined) enter(line.state);
    } else if (line.kind === "call") {
      pending = undefined;
      inCall = true;
      if (line.what === "callee") frame++;
      else if (line.what === "back") frame = Math.max(0, frame - 1);
    } else if (looksBack(text)) lookingBack = true;
    // Global functions are looked at on their own, and before the program.
    else if (text.startsWith("Validating ")) headless = false;
  };
  return { steps, take, isHeadless: () => headless === true };
}

/** Whether the next instruction is not the one behind a test: then its other side was given up, with what it printed. */
function leapsTo({ instruction, text }: Step, next: number): boolean {
  return /^\([0-9a-f]{2}\) (?:if|may_goto) /.test(text) && next !== instruction + 1;
}

interface SourceKeeper {
  name(source: LoggedLine): void;
  of(instruction: number): LoggedLine | undefined;
  lose(): void;
}

/**
 * A kernel names a line once for all instructions of it that follow, and does not name it again where that line was taken
 * back with a path that was given up: then only what was named for the same instruction before is certain.
 */
function sourceKeeper(): SourceKeeper {
  const known = new Map<number, LoggedLine>();
  let current: LoggedLine | undefined;
  let lost = false;
  return {
    name: (source) => {
      current = source;
      lost = false;
    },
    of: (instruction) => {
      if (lost) current = known.get(instruction);
      else if (current !== undefined && known.size < MOST_REMEMBERED) known.set(instruction, current);
      return current;
    },
    lose: () => {
      lost = true;
    },
  };
}
