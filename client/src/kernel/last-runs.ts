/** What the last verifications of a file came to, kept with the workspace: what it costs now is held against it. */

import type * as vscode from "vscode";
import type { ProgramCosts } from "../../../server/src/toolchain/program-costs.ts";
import type { Costs, Stats } from "../../../server/src/toolchain/verifier-view.ts";

export interface Run {
  /** By the programs' names; only what was accepted. */
  readonly programs: Readonly<Record<string, Stats>>;
  /** Line by line, all programs together and each alone. */
  readonly costs: Costs | undefined;
  readonly byProgram: ProgramCosts;
}

interface Kept {
  readonly last: Run;
  /** The last that came to something else. */
  readonly before: Run | undefined;
}

/** Of so many files. */
const MOST = 50;
const KEY = "hookpoint.verifierRuns";

/** Keeps a run; gives the one that it is to be compared with. */
export async function keepRun(
  about: vscode.Uri,
  run: Run,
  { workspaceState }: vscode.ExtensionContext,
): Promise<Run | undefined> {
  const all = workspaceState.get<Readonly<Record<string, Kept>>>(KEY, {});
  const { [about.toString()]: own, ...others } = all;
  // Asked twice about the same, what changed is still of interest.
  const before = own === undefined || isSame(own.last, run) ? own?.before : own.last;
  const kept = Object.entries(others).slice(1 - MOST);
  await workspaceState.update(KEY, { ...Object.fromEntries(kept), [about.toString()]: { last: run, before } });
  return before;
}

function isSame(one: Run, other: Run): boolean {
  const count = ({ programs }: Run): string =>
    JSON.stringify(Object.entries(programs).map(([name, { processed }]) => [name, processed]));
  return count(one) === count(other);
}
