/** For rules that name a newer way: whether every program that runs the code has it, on every target. */

import type { ProgramKind } from "../knowledge/supports.ts";
import type { Call } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { type Run, runsOf } from "./runs.ts";
import { isEverywhere } from "./verdicts.ts";

/** The programs that make a call, if all of them may use something instead; undefined where one may not, or none is known. */
export function programsFor(
  call: Call,
  instead: { readonly kind: "helper" | "kfunc"; readonly name: string },
  ctx: RuleContext,
): readonly Run[] | undefined {
  const runs = runsOf(call, ctx);
  const all = runs.length > 0 && runs.every(({ kind }) => isEverywhere({ ...instead, program: kind }, ctx));
  return all ? runs : undefined;
}

export function isOf(type: string, { progType }: ProgramKind): boolean {
  return progType === `BPF_PROG_TYPE_${type}`;
}

/** Kernels that are known to come without a description of their types cannot follow a pointer. */
export function haveKernelTypes({ targets }: Pick<RuleContext, "targets">): boolean {
  return targets.every(({ distribution }) => distribution === undefined || distribution.btf === true);
}
