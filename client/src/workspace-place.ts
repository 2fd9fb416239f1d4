/** The folder that a command is about when it is about no single file, and the BPF sources in it. */

import * as vscode from "vscode";
import { workspaceSources } from "./build/sources.ts";
import { allSaved, mayRunTools } from "./work.ts";

/** The workspace's folder of the open file, or the one that the person chooses; undefined after telling them why there is none. */
export async function workspacePlace(): Promise<vscode.Uri | undefined> {
  if (!mayRunTools()) return undefined;
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
  await allSaved();
  return (await workspaceSources({ folder })).map(({ fsPath }) => fsPath);
}
