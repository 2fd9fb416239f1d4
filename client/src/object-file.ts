/** The object file that a command is about: the one that was chosen, or that of the open source, built when it is stale. */

import { basename } from "node:path";
import * as vscode from "vscode";
import type { Work } from "../../server/src/toolchain/choices.ts";
import { activeSource } from "./active-source.ts";
import { buildInEditor } from "./build/one-build.ts";
import { mayRunTools, withWork } from "./work.ts";

/** What a menu of the explorer hands over. */
export function chosenObject(argument: unknown): vscode.Uri | undefined {
  return argument instanceof vscode.Uri ? argument : undefined;
}

/** What is to be loaded: the object that was chosen, or the source that is looked at. Undefined after telling the person why not. */
export async function chosenOrActive(argument: unknown): Promise<vscode.Uri | undefined> {
  return mayRunTools() ? (chosenObject(argument) ?? activeSource()) : undefined;
}

/** Otherwise it is an object. */
export function isSource({ path }: vscode.Uri): boolean {
  return path.endsWith(".c");
}

/** Within other work: of a source, built when it is stale, or the object itself; undefined after telling that it does not compile. */
export async function objectOf(file: vscode.Uri, work: Work): Promise<string | undefined> {
  if (!isSource(file)) return file.fsPath;
  const built = await buildInEditor(file.fsPath, work);
  if (built.ok) return built.plan.object;
  tellBuildFailed(`${basename(file.fsPath)} does not compile, so there is nothing to load.`);
  return undefined;
}

/** Undefined after telling the person why there is none. */
export async function objectOfSource(): Promise<vscode.Uri | undefined> {
  const source = await activeSource();
  if (source === undefined) return undefined;
  const name = basename(source.fsPath);
  const result = await withWork(`Building ${name}`, source, (work) => buildInEditor(source.fsPath, work));
  if (result === undefined) return undefined;
  if (result.ok) return vscode.Uri.file(result.plan.object);
  tellBuildFailed(`${name} does not compile, so there is no object to show.`);
  return undefined;
}

function tellBuildFailed(message: string): void {
  vscode.window
    .showErrorMessage(message, "Show Problems")
    .then((choice) => choice !== undefined && vscode.commands.executeCommand("workbench.actions.view.problems"));
}
