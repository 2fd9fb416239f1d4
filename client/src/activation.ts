/** What both entries do: register the commands, keep the context keys, start the session with the first BPF file. */

import * as vscode from "vscode";
import { isBpfAfter, isBpfDocument, isLoaderDocument } from "./bpf-documents.ts";
import type { Command } from "./commands/command.ts";
import type { Session } from "./session-options.ts";

/** What differs between desktop and web. */
export interface ClientHost {
  readonly kind: "node" | "web";
  readonly commands: readonly Pick<Command, "id" | "run">[];
  readonly startSession: (context: vscode.ExtensionContext) => Promise<Session>;
}

/** What `activate` returns, for tests and for other extensions. */
export interface Api {
  /** The running session; undefined while no BPF file has been opened. */
  readonly session: Promise<Session> | undefined;
}

export function activate(context: vscode.ExtensionContext, host: ClientHost): Api {
  let session: Promise<Session> | undefined;
  const start = (): Promise<Session> => {
    if (session !== undefined) return session;
    session = host.startSession(context);
    session.catch((error: unknown) => {
      vscode.window.showErrorMessage(`Hookpoint's language server did not start: ${String(error)}`);
    });
    return session;
  };
  const opened = (document: vscode.TextDocument): void => {
    if (isBpfDocument(document) || isLoaderDocument(document)) start();
  };
  const keepContext = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    setContext("hookpoint.activeFileIsBpf", document !== undefined && isBpfDocument(document));
  };

  setContext("hookpoint.host", host.kind);
  for (const { id, run } of host.commands) {
    context.subscriptions.push(
      vscode.commands.registerCommand(id, (argument: unknown) => run(context, { session: start, argument })),
    );
  }
  context.subscriptions.push(
    vscode.workspace.onDidOpenTextDocument(opened),
    vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.contentChanges.length === 0 || isBpfDocument(event.document) || !isBpfAfter(event)) return;
      start();
      keepContext();
    }),
    vscode.window.onDidChangeActiveTextEditor(keepContext),
  );
  vscode.workspace.textDocuments.forEach(opened);
  keepContext();
  return {
    get session() {
      return session;
    },
  };
}

function setContext(key: string, value: unknown): void {
  vscode.commands.executeCommand("setContext", key, value);
}
