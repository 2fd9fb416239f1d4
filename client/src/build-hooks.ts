/** What builds by itself on the desktop, saving and tasks: listens without loading the tools before they are needed. */

import * as vscode from "vscode";
import { isBpfDocument } from "./bpf-documents.ts";

export function registerBuildHooks({ subscriptions }: vscode.ExtensionContext): void {
  subscriptions.push(
    vscode.workspace.onDidSaveTextDocument(async (document) => {
      if (isToBeBuilt(document)) await (await import("./tools.js")).buildSaved(document.uri);
    }),
    vscode.tasks.registerTaskProvider("hookpoint", {
      provideTasks: async (token) => (vscode.workspace.isTrusted ? (await import("./tools.js")).buildTasks(token) : []),
      resolveTask: async (task) =>
        vscode.workspace.isTrusted ? (await import("./tools.js")).resolveBuildTask(task) : undefined,
    }),
  );
}

function isToBeBuilt(document: vscode.TextDocument): boolean {
  const { uri } = document;
  if (!vscode.workspace.isTrusted || uri.scheme !== "file" || !uri.path.endsWith(".c")) return false;
  const isWanted = vscode.workspace.getConfiguration("hookpoint", uri).get<boolean>("build.onSave", false);
  return isWanted && isBpfDocument(document);
}
