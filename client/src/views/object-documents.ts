/** Read-only documents about object files: made when they are shown, made anew when the object is. */

import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { loadObjectFacts, type ObjectFacts } from "../../../server/src/toolchain/object.ts";
import { ToolProblem } from "../../../server/src/toolchain/problem.ts";

export interface ObjectDocuments {
  /** The document about an object; to be opened as any other. */
  readonly uriFor: (object: vscode.Uri) => vscode.Uri;
}

/**
 * @param scheme of the documents' addresses
 * @param extension behind the object's name, which decides the language
 * @param make the text about an object; a ToolProblem of it is shown in its place
 */
export function objectDocuments(
  context: vscode.ExtensionContext,
  scheme: string,
  extension: string,
  make: (path: string, facts: ObjectFacts, uri: vscode.Uri) => Promise<string>,
): ObjectDocuments {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const watchers = new Map<string, vscode.Disposable>();
  const objectOf = (uri: vscode.Uri): vscode.Uri => vscode.Uri.file(uri.path.slice(0, -extension.length));

  const watch = (uri: vscode.Uri): void => {
    if (watchers.has(uri.path)) return;
    const path = objectOf(uri).fsPath;
    // The name may have characters that would be a pattern; all files of the folder are few.
    const watcher = vscode.workspace.createFileSystemWatcher(
      new vscode.RelativePattern(vscode.Uri.file(dirname(path)), "*"),
    );
    const look = (file: vscode.Uri): void => {
      if (basename(file.fsPath) === basename(path)) changed.fire(uri);
    };
    watcher.onDidChange(look);
    watcher.onDidCreate(look);
    watchers.set(uri.path, watcher);
  };

  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      watch(uri);
      try {
        return await make(objectOf(uri).fsPath, await facts(context), uri);
      } catch (error) {
        if (error instanceof ToolProblem) return `${error.message}\n`;
        throw error;
      }
    },
  };
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, provider),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== scheme) return;
      watchers.get(uri.path)?.dispose();
      watchers.delete(uri.path);
    }),
    { dispose: () => watchers.forEach((watcher) => void watcher.dispose()) },
  );
  return { uriFor: (object) => vscode.Uri.from({ scheme, path: `${object.path}${extension}` }) };
}

let loading: Promise<ObjectFacts> | undefined;

/** Read once: they do not change while the editor runs. */
function facts(context: vscode.ExtensionContext): Promise<ObjectFacts> {
  loading ??= loadObjectFacts(vscode.Uri.joinPath(context.extensionUri, "dist").fsPath);
  return loading;
}
