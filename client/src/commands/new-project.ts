/** Command: a new project, asked for step by step; it runs no tools, so that it also works where nothing is trusted yet. */

import { join } from "node:path";
import * as vscode from "vscode";
import { contentOf, createProject } from "../../../server/src/toolchain/project/create.ts";
import { nameProblem } from "../../../server/src/toolchain/project/names.ts";
import { kinds, type Language, languages } from "../../../server/src/toolchain/project/project.ts";
import { offerBuild, rememberProject } from "../fresh-project.ts";
import { tellProblem } from "../work.ts";
import type { Command } from "./command.ts";

export const newProject: Command = {
  id: "hookpoint.newProject",
  title: "New Project",
  needs: "node",
  offered: "anywhere",
  run: async (context) => {
    const wish = await ask();
    if (wish === undefined) return;
    const { language, kind, name, folder } = wish;
    try {
      const there = (await contentOf(folder)) ?? [];
      if (there.length > 0 && !(await mayReplace(folder))) return;
      const files = language.files({ name, kind });
      const signal = new AbortController().signal;
      await createProject({ folder, files, force: there.length > 0 }, { signal });
      await show(context, vscode.Uri.file(folder), language.main(name));
    } catch (error) {
      tellProblem(error);
    }
  },
};

interface Wish {
  readonly language: Language;
  readonly kind: (typeof kinds)[number];
  readonly name: string;
  readonly folder: string;
}

/** Undefined when the person has left one of the steps. */
async function ask(): Promise<Wish | undefined> {
  const language = await choose(1, "Which language does the program have that loads it?", languages, () => "");
  if (language === undefined) return undefined;
  const kind = await choose(2, "What does the program look at?", kinds, ({ does }) => `It ${does}.`);
  if (kind === undefined) return undefined;
  const name = await vscode.window.showInputBox({
    title: titleOf(3),
    prompt: "The name of the project, of its folder and of the program.",
    placeHolder: "execwatch",
    ignoreFocusOut: true,
    validateInput: (text) => (text === "" ? undefined : nameProblem(text)),
  });
  if (name === undefined || name === "") return undefined;
  const first = vscode.workspace.workspaceFolders?.[0]?.uri;
  const [parent] =
    (await vscode.window.showOpenDialog({
      title: `${titleOf(4)}: the folder in which ${name} is made`,
      openLabel: "Create Here",
      canSelectFiles: false,
      canSelectFolders: true,
      ...(first === undefined ? {} : { defaultUri: vscode.Uri.joinPath(first, "..") }),
    })) ?? [];
  return parent === undefined ? undefined : { language, kind, name, folder: join(parent.fsPath, name) };
}

function titleOf(step: number): string {
  return `New eBPF Project (${step}/4)`;
}

async function choose<T extends { readonly id: string; readonly title: string }>(
  step: number,
  placeHolder: string,
  among: readonly T[],
  detailOf: (item: T) => string,
): Promise<T | undefined> {
  const items = among.map((item) => ({ label: item.title, detail: detailOf(item), item }));
  const options = { title: titleOf(step), placeHolder, matchOnDetail: true, ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.item;
}

async function mayReplace(folder: string): Promise<boolean> {
  const replace = "Replace Files of the Same Name";
  const detail = "What has the name of a file of the project is replaced; everything else stays.";
  const answer = await vscode.window.showWarningMessage(`${folder} has files in it.`, { modal: true, detail }, replace);
  return answer === replace;
}

const HERE = "Open in This Window";
const NEW = "Open in New Window";
const ADD = "Add to Workspace";

/** Where the window changes, what is shown and offered there is done by it. */
async function show(context: vscode.ExtensionContext, folder: vscode.Uri, main: string): Promise<void> {
  const hasFolder = (vscode.workspace.workspaceFolders ?? []).length > 0;
  const choices = hasFolder ? [ADD, NEW, HERE] : [HERE, NEW];
  const answer = await vscode.window.showInformationMessage(`${folder.fsPath} is there.`, ...choices);
  if (answer === undefined) return;
  const source = vscode.Uri.joinPath(folder, main);
  if (answer === ADD) return add(context, folder, source);
  await rememberProject(context, folder, source);
  const options = { forceNewWindow: answer === NEW, forceReuseWindow: answer === HERE };
  await vscode.commands.executeCommand("vscode.openFolder", folder, options);
}

/** From a folder to a workspace of several, extensions start anew: what is to come is for those that start then. */
async function add(context: vscode.ExtensionContext, folder: vscode.Uri, source: vscode.Uri): Promise<void> {
  const startsAnew = vscode.workspace.workspaceFile === undefined;
  if (startsAnew) await rememberProject(context, folder, source);
  await vscode.window.showTextDocument(source);
  const count = vscode.workspace.workspaceFolders?.length ?? 0;
  vscode.workspace.updateWorkspaceFolders(count, 0, { uri: folder });
  if (!startsAnew) await offerBuild(source);
}
