/** What a click on a program's lens shows: why it is refused, or what it costs line by line. */

import * as vscode from "vscode";
import { costPage } from "../../../server/src/toolchain/verifier-view.ts";
import type { OneProgram } from "./lens.ts";
import { lineLink, showAnswerPage } from "./page.ts";
import { goToFirst } from "./problems.ts";
import { verdictOf } from "./verdicts.ts";

/** @param argument a OneProgram */
export async function showCost(argument: unknown, context: vscode.ExtensionContext): Promise<void> {
  const { source, program: name } = argument as OneProgram;
  const uri = vscode.Uri.parse(source);
  const verdict = verdictOf(uri, name);
  if (verdict === undefined) return;
  const { program, before, kernel, hot } = verdict;
  if (program.verdict !== "accepted" && (await goToFirst(program))) return;
  const lines = hot.map(({ uri: file, range, heat }) => ({ ...heat, link: lineLink(file, range.start.line) }));
  await showAnswerPage(name, costPage(program, { before, kernel, lines }), context);
}
