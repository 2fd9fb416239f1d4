// What the suite needs of VS Code and of our extension: the only file of it that knows how to wait and where to look.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";
import type { Api } from "../../../client/src/activation.ts";
import { STATUS_REQUEST, type Status } from "../../../server/src/protocol.ts";

export function workspaceFolder(): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, "the suite runs in a copy of test/example");
  return folder.uri;
}

/** Opens a file of the workspace in the editor; with contents, it is written first. */
export async function open(name: string, contents?: string | Uint8Array): Promise<vscode.TextDocument> {
  const uri = vscode.Uri.joinPath(workspaceFolder(), name);
  if (contents !== undefined) {
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    await vscode.workspace.fs.writeFile(uri, bytes);
  }
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  return document;
}

export async function closeAll(): Promise<void> {
  await vscode.workspace.saveAll();
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

export function extension(): vscode.Extension<Api> {
  const found = vscode.extensions.getExtension<Api>("hookpoint.hookpoint");
  assert.ok(found, "the extension is installed");
  return found;
}

/** The client of the session that the first BPF file has started. */
export async function client(): Promise<BaseLanguageClient> {
  const api = await extension().activate();
  const session = await until("a session has been started", () => api.session);
  return session.client;
}

export async function status(): Promise<Status> {
  return (await client()).sendRequest<Status>(STATUS_REQUEST);
}

/** Asks again until there is an answer; fails with `what` when it takes too long. */
export async function until<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const end = Date.now() + 45_000; Date.now() < end; ) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await moment();
  }
  assert.fail(`waited in vain until ${what}`);
}

export function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "hookpoint");
}

/** Waits for a finding of a rule and returns it. */
export function finding(document: vscode.TextDocument, rule: string): Promise<vscode.Diagnostic> {
  const name = vscode.workspace.asRelativePath(document.uri);
  return until(`${rule} is reported in ${name}`, () => findings(document).find(({ code }) => codeOf(code) === rule));
}

export async function hoverText(document: vscode.TextDocument, position: vscode.Position): Promise<string> {
  const command = "vscode.executeHoverProvider";
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(command, document.uri, position);
  const parts = hovers.flatMap(({ contents }) => contents);
  return parts.map((part) => (typeof part === "string" ? part : part.value)).join("\n");
}

/** A position within the first occurrence of a text. */
export function positionOf(document: vscode.TextDocument, text: string): vscode.Position {
  const offset = document.getText().indexOf(text);
  assert.notEqual(offset, -1, `${text} is in the file`);
  return document.positionAt(offset + 1);
}

/**
 * What is in the output channel of the language server, read as a user would: by showing it. Undefined where VS Code
 * writes no logs (it does so through a native module that code-server may lack).
 */
export async function serverLog(): Promise<string | undefined> {
  const channel = (await client()).outputChannel;
  const mark = `read up to here at ${Date.now()}`;
  channel.appendLine(mark);
  channel.show(true);
  const document = await until("the output channel is shown", () =>
    vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === "output" && uri.path.endsWith(`.${channel.name}.log`),
    ),
  );
  for (const end = Date.now() + 10_000; Date.now() < end; await moment()) {
    const log = document.getText();
    if (log.includes(mark)) return log;
  }
  return undefined;
}

/** Runs `action` and returns the errors that the client tells the user about or logs meanwhile. */
export async function errorsDuring(action: () => Promise<unknown>): Promise<string[]> {
  const observed = await client();
  const errors: string[] = [];
  const { error } = observed;
  observed.error = (message, data, notify) => {
    errors.push(message);
    error.call(observed, message, data, notify);
  };
  try {
    await action();
  } finally {
    observed.error = error;
  }
  return errors;
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

function codeOf(code: vscode.Diagnostic["code"]): string | number | undefined {
  return typeof code === "object" ? code.value : code;
}
