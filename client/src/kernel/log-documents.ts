/** The verifier's logs as read-only documents, shown at the step that an answer is about. */

import * as vscode from "vscode";
import type { Answer, ProgramAnswer } from "../../../server/src/toolchain/verifier-view.ts";

const SCHEME = "hookpoint-log";

const logs = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

/** @param answer its step is shown; the end of the log without one */
export async function showLog(
  { name = "log", log }: ProgramAnswer,
  { subscriptions }: vscode.ExtensionContext,
  answer?: Answer,
): Promise<void> {
  if (logs.size === 0) {
    const provider = {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri: vscode.Uri) => logs.get(uri.path),
    };
    subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider));
  }
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.log` });
  const isNew = logs.get(uri.path) !== log;
  logs.set(uri.path, log);
  if (isNew) changed.fire(uri);
  const document = await vscode.workspace.openTextDocument(uri);
  const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: false, preview: true };
  const editor = await vscode.window.showTextDocument(document, options);
  const line = stepLine(document.getText().split(/\r?\n/), answer);
  const range = document.lineAt(Math.min(line, document.lineCount - 1)).range;
  editor.selection = new vscode.Selection(range.start, range.end);
  editor.revealRange(range, vscode.TextEditorRevealType.InCenter);
}

/** The message itself is below its step. */
function stepLine(lines: readonly string[], answer: Answer | undefined): number {
  const first = answer?.said.split("\n", 1)[0]?.trim() ?? "";
  const said = first === "" ? -1 : lines.findLastIndex((line) => line.includes(first));
  if (said >= 0) return said;
  const instruction = answer?.place?.instruction;
  const step = instruction === undefined ? -1 : lines.findLastIndex((line) => line.startsWith(`${instruction}: (`));
  return step >= 0 ? step : lines.length - 1;
}
