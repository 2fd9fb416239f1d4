/** For the rules about calls between a file's own functions: which of them the compiler surely leaves as functions. */

import type { BpfFunction, Call } from "../model.ts";
import { perModel } from "./per-model.ts";
import { mayBeLeftOut, type Run, runsOf } from "./runs.ts";

/** A function of the file that a program calls, and that the compiler may not inline. */
export interface Subprogram {
  readonly fn: BpfFunction;
  /** The words before its name. */
  readonly head: string;
  readonly calls: readonly Call[];
  /** The programs that call it, by whatever way. */
  readonly runs: readonly Run[];
}

/** `__weak` keeps from inlining as well: the linker may put another function in its place. */
const KEPT = /\b(?:__noinline|noinline|__weak|weak|__noinline__)\b/;
const INLINED = /\b(?:__always_inline|always_inline|__inline|inline)\b/;

export const subprogramsIn = perModel(["kb", "loader"], (ctx): readonly Subprogram[] => {
  const { model } = ctx;
  return model.functions.flatMap((fn) => {
    if (fn.section !== undefined || fn.macro !== undefined) return [];
    const head = fn.head;
    if (!KEPT.test(head) || INLINED.test(head) || model.code.compiledWhen(fn.nameRange).length > 0) return [];
    const calls = model.sitesOf(fn.name).filter((call) => call.name === fn.name && !mayBeLeftOut(call, model));
    const runs = calls.flatMap((call) => runsOf(call, ctx)).filter(({ asks }) => asks !== "flag");
    return runs.length > 0 ? [{ fn, head, calls, runs }] : [];
  });
});
