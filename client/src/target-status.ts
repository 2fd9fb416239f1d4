/** The status bar names the kernels that the programs of the active file must run on; a click chooses others. */

import * as vscode from "vscode";
import {
  type BaseLanguageClient,
  DidChangeWatchedFilesNotification,
  FileChangeType,
  type FileEvent,
} from "vscode-languageclient";
import { TARGETS_REQUEST, type TargetsInForce, type TargetsParams } from "../../server/src/protocol.ts";
import { isBpfDocument } from "./bpf-documents.ts";

/** More than these are only counted. */
const NAMED = 2;

export function startTargetStatus(context: vscode.ExtensionContext, client: BaseLanguageClient): void {
  const item = vscode.window.createStatusBarItem("hookpoint.target", vscode.StatusBarAlignment.Right, 99);
  item.name = "eBPF Target Kernel";
  item.command = "hookpoint.chooseTargetKernel";
  const show = async (): Promise<void> => {
    const document = vscode.window.activeTextEditor?.document;
    if (document === undefined || !isBpfDocument(document)) return item.hide();
    const params: TargetsParams = { uri: client.code2ProtocolConverter.asUri(document.uri) };
    const targets = await client.sendRequest<TargetsInForce>(TARGETS_REQUEST, params);
    // Another file may have come to the front meanwhile; it asks for itself.
    if (vscode.window.activeTextEditor?.document !== document) return;
    item.text = `$(target) ${textOf(targets)}`;
    item.tooltip = tooltipOf(targets);
    item.show();
  };
  // A server that is just starting again is asked with the next change.
  const refresh = (): void => void show().catch(() => undefined);
  const files = vscode.workspace.createFileSystemWatcher("**/hookpoint.json");
  context.subscriptions.push(
    item,
    files,
    files.onDidChange(refresh),
    files.onDidCreate(refresh),
    files.onDidDelete(refresh),
    // One above the folders of the workspace is in force as well, and nobody watches it.
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (!uri.path.endsWith("/hookpoint.json") || vscode.workspace.getWorkspaceFolder(uri) !== undefined) return;
      const changed: FileEvent = { uri: client.code2ProtocolConverter.asUri(uri), type: FileChangeType.Changed };
      const told = client.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [changed] });
      told.then(refresh, () => undefined);
    }),
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("hookpoint.target")) refresh();
    }),
  );
  refresh();
}

function textOf({ labels }: TargetsInForce): string {
  if (labels.length === 0) return "any kernel";
  const more = labels.length - NAMED;
  return `${labels.slice(0, NAMED).join(", ")}${more > 0 ? ` +${more}` : ""}`;
}

function tooltipOf({ labels, project }: TargetsInForce): string {
  const from = project === undefined ? "the settings" : "hookpoint.json";
  return labels.length === 0
    ? "eBPF: findings speak of no kernel in particular. Choose the kernels that the programs must run on."
    : `eBPF: the programs must run on ${labels.join(", ")} (from ${from}). Choose others.`;
}
