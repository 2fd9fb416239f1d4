/** Command: explains what a verifier or a loader has printed, wherever that was; it runs nothing. */

import * as vscode from "vscode";
import { explainLog } from "../../../server/src/toolchain/explain-log.ts";
import { type LoadAnswer, logPage } from "../../../server/src/toolchain/verifier-view.ts";
import { watchEdits } from "../kernel/edits.ts";
import { linksOf } from "../kernel/links.ts";
import { locate } from "../kernel/located.ts";
import { chooseLog, fileSource, type LogSource } from "../kernel/log-source.ts";
import { showAnswerPage } from "../kernel/page.ts";
import { fileFinder } from "../kernel/places.ts";
import { showAnswers } from "../kernel/problems.ts";
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
    const said = await read({ name, bytes });
    if (said === undefined) return;
    const about = { kernel: undefined, source: undefined, find: fileFinder(undefined), edits, session };
    const located = await locate(said, about);
    showAnswers(ABOUT, located, context);
    await showAnswerPage("Verifier Log", logPage(name, said, linksOf(located)), context);
  } catch (error) {
    vscode.window.showErrorMessage(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    edits.dispose();
  }
}

/** Undefined where the person has had enough of a long one. */
function read({ name, bytes }: LogSource): Thenable<LoadAnswer | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: `Reading ${name}`, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    let told = 0;
    const pause = async (share: number): Promise<void> => {
      progress.report({ increment: (share - told) * 100 });
      told = share;
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (token.isCancellationRequested) throw new Left();
    };
    try {
      return await explainLog(await bytes(), pause);
    } catch (error) {
      if (error instanceof Left) return undefined;
      throw error;
    }
  });
}

class Left extends Error {}
