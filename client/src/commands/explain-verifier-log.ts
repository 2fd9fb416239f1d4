/** Command: explains what a verifier or a loader has printed, wherever that was; it runs nothing. */

import * as vscode from "vscode";
import { explainLog } from "../../../server/src/toolchain/explain-log.ts";
import { logPage } from "../../../server/src/toolchain/verifier-view.ts";
import { watchEdits } from "../kernel/edits.ts";
import { linksOf } from "../kernel/links.ts";
import { locate } from "../kernel/located.ts";
import { chooseLog, fileSource, type LogSource } from "../kernel/log-source.ts";
import { fileFinder } from "../kernel/places.ts";
import { showAnswers } from "../kernel/problems.ts";
import { showPage } from "../report-page.ts";
import type { Command, CommandCall } from "./command.ts";

export const explainVerifierLog: Command = {
  id: "hookpoint.explainVerifierLog",
  title: "Explain Verifier Log",
  needs: "nothing",
  offered: "anywhere",
  run: async (context, { argument, session }) => {
    const source = argument instanceof vscode.Uri ? fileSource(argument) : await chooseLog();
    if (source !== undefined) await explain(source, context, session);
  },
};

/** The next log takes its place. */
const ABOUT = vscode.Uri.from({ scheme: "hookpoint-explained", path: "/log" });

async function explain(
  { name, bytes }: LogSource,
  context: vscode.ExtensionContext,
  session: CommandCall["session"],
): Promise<void> {
  const edits = watchEdits();
  try {
    const options = { location: vscode.ProgressLocation.Window, title: `Reading ${name}` };
    const said = await vscode.window.withProgress(options, async () => explainLog(await bytes(), pause));
    const about = { kernel: undefined, source: undefined, find: fileFinder(undefined), edits, session };
    const located = await locate(said, about);
    showAnswers(ABOUT, located, context);
    await showPage("Verifier Log", logPage(name, said, linksOf(located)), context, "beside");
  } catch (error) {
    vscode.window.showErrorMessage(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    edits.dispose();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
