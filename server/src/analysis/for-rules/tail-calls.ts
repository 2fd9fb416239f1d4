/** Tail calls of programs that call functions of their own as well. */

import type { BpfFunction, Call, Program } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { callsWhere } from "./calls.ts";
import { mayBeLeftOut, runsOf } from "./runs.ts";
import { subprogramsIn } from "./subprograms.ts";

type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

export interface TailCallBesideCalls {
  readonly call: Call;
  /** A function that surely is called. */
  readonly fn: BpfFunction;
  readonly programs: readonly Program[];
}

export function tailCallsBesideCalls(ctx: Asked): readonly TailCallBesideCalls[] {
  const { model } = ctx;
  const tailCalls = callsWhere((name) => name === "bpf_tail_call" || name === "bpf_tail_call_static", model);
  if (tailCalls.length === 0) return [];
  const called = calledBy(ctx);
  return tailCalls.flatMap((call) => {
    const programs = runsOf(call, ctx).flatMap(({ program }) => (called.has(program) ? [program] : []));
    const fn = programs[0] && called.get(programs[0]);
    return fn === undefined || mayBeLeftOut(call, model) ? [] : [{ call, fn, programs }];
  });
}

/** A function that each program calls for real. */
function calledBy(ctx: Asked): ReadonlyMap<Program, BpfFunction> {
  const found = new Map<Program, BpfFunction>();
  for (const { fn, runs } of subprogramsIn(ctx)) for (const { program } of runs) found.set(program, fn);
  return found;
}
