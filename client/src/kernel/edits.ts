/** What is typed while a kernel is asked: its answer is about the text as it was before. */

import * as vscode from "vscode";
import { followed } from "../../../server/src/toolchain/followed.ts";

type Changes = readonly vscode.TextDocumentContentChangeEvent[];

export interface Edits extends vscode.Disposable {
  /** The text when this began; undefined where the file was not open. */
  readonly textOf: (uri: vscode.Uri) => string | undefined;
  /** Where a range of that text is by now; undefined when it is gone. */
  readonly now: (uri: vscode.Uri, range: vscode.Range) => vscode.Range | undefined;
}

export function watchEdits(): Edits {
  const texts = new Map(
    vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document.getText()]),
  );
  const typed = new Map<string, Changes[]>();
  const listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const file = document.uri.toString();
    if (contentChanges.length > 0) typed.set(file, [...(typed.get(file) ?? []), [...contentChanges]]);
  });
  return {
    textOf: (uri) => texts.get(uri.toString()),
    now: (uri, range) =>
      (typed.get(uri.toString()) ?? []).reduce<vscode.Range | undefined>(
        (before, changes) => before && rangeAfter(before, changes),
        range,
      ),
    dispose: () => listener.dispose(),
  };
}

export function rangeAfter(range: vscode.Range, changes: Changes): vscode.Range | undefined {
  const next = followed(range, changes);
  return next && new vscode.Range(next.start.line, next.start.character, next.end.line, next.end.character);
}
