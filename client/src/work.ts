/** Work with tools, as every command of ours does it: trusted workspaces only, with progress, cancellable, told when it fails. */

import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Choices, Work } from "../../server/src/toolchain/choices.ts";
import { Cancelled, ToolProblem } from "../../server/src/toolchain/problem.ts";
import { offerInstall } from "./install.ts";

/**
 * Runs `work` and gives back what it made; undefined when it was cancelled or failed, which the person has been told then.
 * @param place the file or folder that the work is about
 */
export async function withWork<T>(
  title: string,
  place: vscode.Uri,
  work: (work: Work) => Promise<T>,
): Promise<T | undefined> {
  if (!mayRunTools()) return undefined;
  const channel = outputChannel();
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
  try {
    return await vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      const listener = token.onCancellationRequested(() => abort.abort());
      try {
        return await work({
          choices: choicesFor(place),
          root: rootOf(place),
          tell: (message) => progress.report({ message }),
          log: (text) => channel.append(text),
          signal: abort.signal,
        });
      } finally {
        listener.dispose();
      }
    });
  } catch (error) {
    if (error instanceof Cancelled) channel.appendLine("Cancelled.");
    else tellProblem(error);
    return undefined;
  }
}

/** Asked before anything is saved or asked; false after telling the person. */
export function mayRunTools(): boolean {
  if (vscode.workspace.isTrusted) return true;
  vscode.window.showErrorMessage(
    "Hookpoint runs no tools in an untrusted workspace: they would work on files that may be meant to harm. Trust the workspace first.",
  );
  return false;
}

/** Tools read what is on disk, headers too. False where something could not be saved, which VS Code has told then. */
export async function allSaved(): Promise<boolean> {
  return vscode.workspace.saveAll(false);
}

/** Does not wait for the person to close the message. */
export function tellProblem(error: unknown): void {
  const channel = outputChannel();
  if (!(error instanceof ToolProblem)) {
    channel.appendLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
    vscode.window.showErrorMessage(`Hookpoint: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const { message, remedy, output } = error;
  const { install } = remedy;
  channel.appendLine(message);
  const actions: readonly { readonly title: string; readonly run: () => unknown }[] = [
    ...(remedy.command === undefined
      ? []
      : [{ title: remedy.command.title, run: () => vscode.commands.executeCommand(remedy.command?.id ?? "") }]),
    ...(install === undefined ? [] : [{ title: "Install…", run: () => offerInstall([install]) }]),
    ...(remedy.setting === undefined
      ? []
      : [
          {
            title: "Open Settings",
            run: () => vscode.commands.executeCommand("workbench.action.openSettings", remedy.setting),
          },
        ]),
    ...(output === "" ? [] : [{ title: "Show Output", run: () => channel.show(true) }]),
  ];
  vscode.window
    .showErrorMessage(message, ...actions.map(({ title }) => title))
    .then((chosen) => actions.find(({ title }) => title === chosen)?.run());
}

/** The workspace's folder that a file lies in, or the file's own. */
export function rootOf(place: vscode.Uri): string {
  return vscode.workspace.getWorkspaceFolder(place)?.uri.fsPath ?? dirname(place.fsPath);
}

/** What work is about that concerns no file of its own: the file that is looked at, else the first folder, else nothing of the person's. */
export function placeOfWork({ extensionUri }: vscode.ExtensionContext): vscode.Uri {
  const places = [vscode.window.activeTextEditor?.document.uri, vscode.workspace.workspaceFolders?.[0]?.uri];
  return places.find((place) => place?.scheme === "file") ?? vscode.Uri.joinPath(extensionUri, "nothing");
}

export function choicesFor(place: vscode.Uri): Choices {
  const settings = vscode.workspace.getConfiguration("hookpoint", place);
  const text = (name: string): string => settings.get<string>(name, "");
  return {
    clang: text("tools.clang"),
    gcc: text("tools.gcc"),
    bpftool: text("tools.bpftool"),
    strip: text("tools.strip"),
    compiler: text("build.compiler") === "gcc" ? "gcc" : "clang",
    libbpf: text("build.libbpf"),
    arch: text("arch"),
    flags: settings.get<readonly string[]>("build.flags", []),
  };
}

let channel: vscode.OutputChannel | undefined;

/** Made with the first work, and kept: the output of the last one stays readable. */
export function outputChannel(): vscode.OutputChannel {
  channel ??= vscode.window.createOutputChannel("Hookpoint Build");
  return channel;
}
