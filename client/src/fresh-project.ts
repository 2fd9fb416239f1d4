/** A project that was just made: the window that it is opened in starts us by its hookpoint.json, shows it and offers to build. */

import * as vscode from "vscode";
import { FRESH_PROJECT } from "./fresh-project-key.ts";

/** Later than this, whoever opens the folder does not come from making it. */
const FRESH_MS = 10 * 60 * 1000;

interface Fresh {
  readonly folder: string;
  readonly source: string;
  readonly made: number;
}

export async function rememberProject(
  { globalState }: vscode.ExtensionContext,
  folder: vscode.Uri,
  source: vscode.Uri,
): Promise<void> {
  const fresh: Fresh = { folder: folder.toString(), source: source.toString(), made: Date.now() };
  await globalState.update(FRESH_PROJECT, fresh);
}

/** What a window does for the project that it was opened for. */
export async function welcomeProject({ globalState }: vscode.ExtensionContext): Promise<void> {
  const fresh = globalState.get<Fresh>(FRESH_PROJECT);
  if (fresh === undefined) return;
  const isHere = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.toString() === fresh.folder) ?? false;
  const isFresh = Date.now() - fresh.made < FRESH_MS;
  if (isHere || !isFresh) await globalState.update(FRESH_PROJECT, undefined);
  if (isHere && isFresh) await offerBuild(vscode.Uri.parse(fresh.source));
}

export async function offerBuild(source: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(source);
  const build = "Build";
  const answer = await vscode.window.showInformationMessage(
    "The project is ready. Its README says how to build and run all of it.",
    build,
  );
  if (answer !== build) return;
  await vscode.window.showTextDocument(source);
  await vscode.commands.executeCommand("hookpoint.buildObject", "fresh project");
}
