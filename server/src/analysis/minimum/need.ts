/** What a program, or a file as a whole, needs of a kernel, with the place that needs it. */

import { perPart } from "../for-rules/per-model.ts";
import { programsRunning, type Run } from "../for-rules/runs.ts";
import type { Feature } from "../knowledge/supports.ts";
import type { BpfFunction, Program } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import type { Range } from "../text.ts";
import type { Came } from "./since.ts";

/** Needs do not depend on targets. */
export type Asked = Pick<RuleContext, "model" | "kb" | "loader">;

export interface Need {
  /** "bpf_loop()", "RINGBUF maps" */
  readonly what: string;
  /** What the knowledge base is asked. */
  readonly asks: Feature | Came;
  readonly range: Range;
  readonly programs: readonly Program[];
  /** The file needs it whichever of its programs are loaded: maps come before all of them. */
  readonly ofFile?: true;
  /** Without it the program would be another one. */
  readonly isProgram?: true;
  /** Something is asked before, so that a kernel without it may never be shown the place. */
  readonly isLeftOut?: true;
}

/** That the kernel must describe its types, or somebody else does for it. */
export interface BtfNeed {
  readonly what: string;
  readonly range: Range;
  readonly programs: readonly Program[];
}

export function isFeature(asks: Feature | Came): asks is Feature {
  return "kind" in asks;
}

/** The programs that reach a function of the file, itself where it is one. */
export const programsReaching = perPart([], (fn: BpfFunction, { model }): readonly Program[] => [
  ...programsRunning(fn, model),
]);

/** Of many programs that make a call most are of one kind, which the knowledge base need be asked about once. */
export function byKind(runs: readonly Run[]): readonly { readonly run: Run; readonly programs: readonly Program[] }[] {
  const found = new Map<string, { readonly run: Run; readonly programs: Program[] }>();
  for (const run of runs) {
    const { progType, attachType, structOps } = run.kind;
    const key = `${run.word} ${progType} ${attachType} ${structOps}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, { run, programs: [run.program] });
    else group.programs.push(run.program);
  }
  return [...found.values()];
}
