/** The folder that a command is about when it is about no single file, and the BPF sources in it. */

import * as vscode from "vscode";
import { isBpfDocument } from "./bpf-documents.ts";

/** The workspace's folder of the open file, or the one that the person chooses; undefined after telling them why there is none. */
export async function workspacePlace(): Promise<vscode.Uri | undefined> {
  const open = vscode.window.activeTextEditor?.document.uri;
  const own = open === undefined ? undefined : vscode.workspace.getWorkspaceFolder(open);
  const [only, ...others] = vscode.workspace.workspaceFolders ?? [];
  const folder = own ?? (others.length === 0 ? only : await vscode.window.showWorkspaceFolderPick());
  if (folder?.uri.scheme === "file") return folder.uri;
  if (folder !== undefined || only === undefined)
    vscode.window.showErrorMessage("Open a folder on disk first: what is made needs a place to go.");
  return undefined;
}

/** Saved, since tools read what is on disk. */
export async function bpfSourcesIn(folder: vscode.Uri): Promise<readonly string[]> {
  await vscode.workspace.saveAll(false);
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, "**/*.bpf.c"), OTHERS);
  // Not everybody gives them that name.
  const open = vscode.workspace.textDocuments.filter(
    (document) =>
      document.uri.scheme === "file" &&
      document.uri.path.endsWith(".c") &&
      isBpfDocument(document) &&
      vscode.workspace.getWorkspaceFolder(document.uri)?.uri.toString() === folder.toString(),
  );
  return [...new Set([...found, ...open.map(({ uri }) => uri)].map(({ fsPath }) => fsPath))].sort();
}

const OTHERS = "**/{node_modules,.git,target,vendor}/**";
