/** Command: explains what a verifier or a loader has printed, wherever that was; it runs nothing. */

import * as vscode from "vscode";
import { explainLog } from "../../../server/src/toolchain/explain-log.ts";
import { type LoadAnswer, logPage, type SourceText } from "../../../server/src/toolchain/verifier-view.ts";
import { isBpfDocument } from "../bpf-documents.ts";
import { watchEdits } from "../kernel/edits.ts";
import { linksOf } from "../kernel/links.ts";
import { locate } from "../kernel/located.ts";
import { chooseLog, fileSource, type LogSource } from "../kernel/log-source.ts";
import { showAnswerPage } from "../kernel/page.ts";
import { type FindFile, fileFinder } from "../kernel/places.ts";
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
    const sources = openSources();
    const said = await read({ name, bytes }, [...sources.values()]);
    if (said === undefined) return;
    const others = fileFinder(undefined);
    const find: FindFile = async (file) => (sources.has(file ?? "") ? vscode.Uri.parse(file ?? "") : others(file));
    const about = { kernel: undefined, source: undefined, find, edits, session };
    const located = await locate(said, about);
    showAnswers(ABOUT, located, context);
    await showAnswerPage("Verifier Log", logPage(name, said, linksOf(located)), context);
  } catch (error) {
    vscode.window.showErrorMessage(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    edits.dispose();
  }
}

/** By their addresses: in the web they have no path. */
function openSources(): ReadonlyMap<string, SourceText> {
  const all = vscode.workspace.textDocuments.filter(
    (document) => document.uri.path.endsWith(".c") && isBpfDocument(document),
  );
  return new Map(all.map((one) => [one.uri.toString(), { file: one.uri.toString(), text: one.getText() }]));
}

/** Undefined where the person has had enough of a long one. */
function read({ name, bytes }: LogSource, sources: readonly SourceText[]): Thenable<LoadAnswer | undefined> {
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
      return await explainLog(await bytes(), pause, sources);
    } catch (error) {
      if (error instanceof Left) return undefined;
      throw error;
    }
  });
}

class Left extends Error {}
