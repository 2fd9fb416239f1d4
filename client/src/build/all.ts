/** Builds all sources of the workspace, each workspace folder with its own settings. */

import * as vscode from "vscode";
import type { BuildOptions } from "../../../server/src/toolchain/build.ts";
import { buildAll, type Outcome } from "../../../server/src/toolchain/build-all.ts";
import type { Choices, Work } from "../../../server/src/toolchain/choices.ts";
import { choicesFor, rootOf } from "../work.ts";
import { showProblems } from "./problems.ts";

export interface AllOptions {
  readonly options?: BuildOptions;
  /** In place of the settings. */
  readonly choices?: Choices;
  readonly onDone: (outcome: Outcome, done: number) => void;
}

export async function buildSources(
  sources: readonly vscode.Uri[],
  work: Pick<Work, "log" | "signal">,
  { options = {}, choices, onDone }: AllOptions,
): Promise<readonly Outcome[]> {
  const byRoot = new Map<string, vscode.Uri[]>();
  for (const source of sources) byRoot.set(rootOf(source), [...(byRoot.get(rootOf(source)) ?? []), source]);
  const outcomes: Outcome[] = [];
  for (const [root, own] of byRoot) {
    const before = outcomes.length;
    const place = own[0] ?? vscode.Uri.file(root);
    const all = { ...work, root, choices: choices ?? choicesFor(place), tell: () => undefined };
    const paths = own.map(({ fsPath }) => fsPath);
    const done = (outcome: Outcome, number: number): void => {
      if (outcome.result !== undefined) showProblems(outcome.result);
      onDone(outcome, before + number);
    };
    outcomes.push(...(await buildAll(paths, all, () => options, done)));
  }
  return outcomes;
}
