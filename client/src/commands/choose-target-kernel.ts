/** Command: choose the kernels that the programs must run on. Findings and hovers follow at once. */

import * as vscode from "vscode";
import {
  KERNELS_REQUEST,
  type KernelEntry,
  TARGETS_REQUEST,
  type TargetsInForce,
  type TargetsParams,
} from "../../../server/src/protocol.ts";
import { isBpfDocument } from "../bpf-documents.ts";
import type { Command } from "./command.ts";

export const chooseTargetKernel: Command = {
  id: "hookpoint.chooseTargetKernel",
  title: "Choose Target Kernel",
  needs: "nothing",
  offered: "bpf",
  run: async (_, { session }) => {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || !isBpfDocument(document)) return;
    const { client } = await session();
    const params: TargetsParams = { uri: client.code2ProtocolConverter.asUri(document.uri) };
    const [before, kernels] = await Promise.all([
      client.sendRequest<TargetsInForce>(TARGETS_REQUEST, params),
      client.sendRequest<readonly KernelEntry[]>(KERNELS_REQUEST),
    ]);
    const chosen = await choose(before.labels, kernels);
    if (chosen === undefined) return;
    const labels = chosen.flatMap(({ label, asksForFile }) => (asksForFile === true ? [] : [label]));
    if (chosen.some(({ asksForFile }) => asksForFile)) {
      const file = await chooseProbe(
        before.project === undefined ? folderOf(document.uri) : projectFolder(before.project),
      );
      if (file === undefined) return;
      labels.push(file);
    }
    if (before.project === undefined) await keepInSettings(labels, document.uri);
    else await keepInProject(labels, client.protocol2CodeConverter.asUri(before.project));
  },
};

interface Item extends vscode.QuickPickItem {
  readonly asksForFile?: true;
}

async function choose(
  before: readonly string[],
  kernels: readonly KernelEntry[],
): Promise<readonly Item[] | undefined> {
  const releases = kernels.filter(({ kind }) => kind === "release");
  const distributions = kernels.filter(({ kind }) => kind === "distribution");
  const named = new Set(["host", ...[...releases, ...distributions].map(({ name }) => name)]);
  const item = ({ name, description }: KernelEntry): Item => ({ label: name, description });
  const items: readonly Item[] = [
    // What was written in another way, `>=5.10`, or names a file.
    ...before.filter((label) => !named.has(label)).map((label) => ({ label })),
    { label: "host", description: "this machine's kernel, looked at" },
    {
      label: "Other…",
      description: "the file that bpftool feature probe -j wrote on another machine",
      asksForFile: true,
    },
    separator("Long-term releases"),
    ...releases.filter(({ longterm }) => longterm).map(item),
    separator("Other releases"),
    ...releases.filter(({ longterm }) => !longterm).map(item),
    separator("Distributions"),
    ...distributions.map(item),
  ];
  return vscode.window.showQuickPick(
    items.map((one) => (before.includes(one.label) ? { ...one, picked: true } : one)),
    {
      title: "Choose Target Kernel",
      placeHolder: "Kernels the programs must run on; none for no kernel in particular",
      canPickMany: true,
      matchOnDescription: true,
    },
  );
}

function separator(label: string): Item {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function folderOf(source: vscode.Uri): vscode.Uri | undefined {
  return vscode.workspace.getWorkspaceFolder(source)?.uri;
}

function projectFolder(project: string): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.parse(project), "..");
}

/** As the setting names it: seen from the folder that names it, where it is in there. */
async function chooseProbe(from: vscode.Uri | undefined): Promise<string | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: "What bpftool feature probe -j wrote",
      filters: { JSON: ["json"] },
    })) ?? [];
  const above = from && `${from.path.replace(/\/$/, "")}/`;
  return above !== undefined && file?.path.startsWith(above) ? file.path.slice(above.length) : file?.path;
}

/** Where it was set before; for the first time in the workspace, if there is one. */
async function keepInSettings(labels: readonly string[], uri: vscode.Uri): Promise<void> {
  const settings = vscode.workspace.getConfiguration("hookpoint", uri);
  const set = settings.inspect("target");
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  // What a workspace says counts for files outside of its folders as well.
  const isOfWorkspace = set?.workspaceValue !== undefined || folderOf(uri) !== undefined;
  const place = set?.workspaceFolderValue !== undefined ? WorkspaceFolder : isOfWorkspace ? Workspace : Global;
  await settings.update("target", labels, place);
}

/** `"target": …` in the project file: all else in it stays as it was written. */
async function keepInProject(labels: readonly string[], uri: vscode.Uri): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  // Whatever stands there: a number, such as 5.10 without quotes, is a mistake that a choice mends.
  const found = /"target"\s*:\s*(\[[^\]]*\]|\{[^}]*\}|"(?:[^"\\]|\\.)*"|[\w.+-]+)/.exec(document.getText());
  const [whole = "", value = ""] = found ?? [];
  if (found === null) throw new Error("hookpoint.json no longer names a target.");
  const end = found.index + whole.length;
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(document.positionAt(end - value.length), document.positionAt(end));
  edit.replace(uri, range, `[${labels.map((label) => JSON.stringify(label)).join(", ")}]`);
  if ((await vscode.workspace.applyEdit(edit)) && (await document.save())) return;
  // What could not be written is left for the person to see.
  await vscode.window.showTextDocument(document);
  throw new Error("hookpoint.json could not be saved.");
}
