/** The object file that a command is about: the one that was chosen, or that of the open source, built when it is stale. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { activeSource } from "./active-source.ts";
import { buildInEditor } from "./build/one-build.ts";
import { withWork } from "./work.ts";

/** What a menu of the explorer hands over. */
export function chosenObject(argument: unknown): vscode.Uri | undefined {
  return argument instanceof vscode.Uri ? argument : undefined;
}

/** Undefined after telling the person why there is none. */
export async function objectOfSource(): Promise<vscode.Uri | undefined> {
  const source = await activeSource();
  if (source === undefined) return undefined;
  const name = basename(source.fsPath);
  const result = await withWork(`Building ${name}`, source, (work) => buildInEditor(source.fsPath, work));
  if (result === undefined) return undefined;
  if (result.ok) return vscode.Uri.file(result.plan.object);
  vscode.window
    .showErrorMessage(`${name} does not compile, so there is no object to show.`, "Show Problems")
    .then((choice) => choice !== undefined && vscode.commands.executeCommand("workbench.actions.view.problems"));
  return undefined;
}
