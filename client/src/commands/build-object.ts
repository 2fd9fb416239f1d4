/** Command: compile the open file to a BPF object with clang. */

import { basename, dirname } from "node:path";
import * as vscode from "vscode";
import { buildArguments, findClang, objectFile } from "../tools/clang.ts";
import { type RunResult, run } from "../tools/run.ts";
import type { Command } from "./command.ts";

export const buildObject: Command = {
  id: "hookpoint.buildObject",
  title: "Build Object File",
  needs: "node",
  run: async (context) => {
    const source = await sourceToBuild();
    if (source === undefined) return;
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: `Building ${basename(source.fsPath)}`,
        cancellable: true,
      },
      (progress, token) => build(source, progress, token, channelOf(context)),
    );
  },
};

type Progress = vscode.Progress<{ readonly message: string }>;

/** The active C file, saved; undefined after telling the user why it cannot be built. */
async function sourceToBuild(): Promise<vscode.Uri | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  const reason = whyNot(document);
  if (reason !== undefined) {
    vscode.window.showErrorMessage(reason);
    return undefined;
  }
  if (document?.isDirty === true && !(await document.save())) return undefined;
  return document?.uri;
}

function whyNot(document: vscode.TextDocument | undefined): string | undefined {
  if (!vscode.workspace.isTrusted) {
    return "Hookpoint builds nothing in an untrusted workspace: compiling runs programs on its files. Trust the workspace to build.";
  }
  if (document === undefined) return "Open the BPF C file to build first.";
  if (document.uri.scheme !== "file") return "Only files on disk can be built. Save this one first.";
  if (!document.uri.path.endsWith(".c"))
    return `${basename(document.uri.path)} is no C source file. Open the .c file to build.`;
  return undefined;
}

async function build(
  source: vscode.Uri,
  progress: Progress,
  token: vscode.CancellationToken,
  channel: vscode.OutputChannel,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration("hookpoint.build", source);
  const cwd = vscode.workspace.getWorkspaceFolder(source)?.uri.fsPath ?? dirname(source.fsPath);
  const wanted = settings.get<string>("clang", "");
  progress.report({ message: "looking for clang" });
  const clang = await findClang(wanted, cwd);
  if (clang === undefined) return tellNoClang(wanted);

  const object = objectFile(source.fsPath);
  const args = buildArguments(source.fsPath, object, settings.get<string[]>("flags", []));
  progress.report({ message: `with ${basename(clang.program)}` });
  channel.appendLine(`> ${[clang.program, ...args].map(quote).join(" ")}`);
  const abort = new AbortController();
  const listener = token.onCancellationRequested(() => abort.abort());
  try {
    const onOutput = (text: string) => channel.append(text);
    tellResult(await run(clang.program, args, { cwd, onOutput, signal: abort.signal }), object, channel);
  } catch (error) {
    channel.appendLine(String(error));
    vscode.window.showErrorMessage(`${clang.program} could not be started: ${String(error)}`);
  } finally {
    listener.dispose();
  }
}

async function tellNoClang(wanted: string): Promise<void> {
  const message =
    wanted === ""
      ? "No clang with the BPF target was found. Install one (Debian and Ubuntu: apt install clang; Fedora: dnf install clang; macOS: brew install llvm) or name it in hookpoint.build.clang."
      : `"${wanted}", named in hookpoint.build.clang, cannot be run or has no BPF target.`;
  if ((await vscode.window.showErrorMessage(message, "Open Settings")) !== undefined) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "hookpoint.build.clang");
  }
}

/** Does not wait for the person to close the message. */
function tellResult({ code, cancelled, stderr }: RunResult, object: string, channel: vscode.OutputChannel): void {
  const show = (choice: string | undefined): void => {
    if (choice !== undefined) channel.show(true);
  };
  if (cancelled) {
    channel.appendLine("Cancelled.");
    return;
  }
  if (code === 0) {
    channel.appendLine(`Built ${object}`);
    const warned = /\bwarning:/.test(stderr) ? " (with warnings)" : "";
    vscode.window.showInformationMessage(`Built ${basename(object)}${warned}`, "Show Output").then(show);
    return;
  }
  channel.appendLine(code === undefined ? "clang was ended by a signal." : `clang ended with exit code ${code}.`);
  const first = /^.*\b(?:fatal error|error): (.*)$/m.exec(stderr)?.[1];
  vscode.window.showErrorMessage(`Build failed${first === undefined ? "." : `: ${first}`}`, "Show Output").then(show);
}

let channel: vscode.OutputChannel | undefined;

/** Made with the first build, and kept: the output of the last one stays readable. */
function channelOf(context: vscode.ExtensionContext): vscode.OutputChannel {
  if (channel === undefined) {
    channel = vscode.window.createOutputChannel("Hookpoint Build");
    context.subscriptions.push(channel);
  }
  return channel;
}

/** For reading and pasting only: nothing here ever goes through a shell. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
