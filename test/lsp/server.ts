/** A language server as an editor starts it, spoken to over stdio. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import {
  type CompletionClientCapabilities,
  createProtocolConnection,
  type Diagnostic,
  type InitializeParams,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver/node";
import { dist } from "../support/paths.ts";

export interface Server {
  readonly connection: ProtocolConnection;
  /** What the server logged as an error. */
  readonly errors: readonly string[];
  open(uri: string, text: string): void;
  change(uri: string, version: number, text: string): void;
  /** The diagnostics for a version of a document; the second come when typing has rested. */
  diagnostics(uri: string, version?: number, turn?: number): Promise<readonly Diagnostic[]>;
  stop(): Promise<number | null>;
}

export interface ServerOptions {
  /** What the editor answers when asked for the section `hookpoint`; left out, it cannot be asked. */
  readonly settings?: object;
  readonly initializationOptions?: object;
  readonly completion?: CompletionClientCapabilities;
  /** Whether the editor takes edits with the version that they are meant for. */
  readonly versionsEdits?: boolean;
  /** The folder that is open in the editor. */
  readonly folder?: string;
  /** Whether the editor tells when files change on disk. */
  readonly watches?: boolean;
  /** Another server than ours, with its arguments. */
  readonly command?: readonly [string, ...string[]];
}

export async function startServer({
  settings,
  initializationOptions,
  completion,
  folder,
  watches,
  versionsEdits,
  command,
}: ServerOptions = {}): Promise<Server> {
  const [program, ...args] = command ?? [process.execPath, join(dist, "server", "node.js"), "--stdio"];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", command === undefined ? "inherit" : "ignore"] });
  const exit = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const errors: string[] = [];
  const published: PublishDiagnosticsParams[] = [];
  let arrived = (): void => {};
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    published.push(params);
    arrived();
  });
  connection.onNotification("window/logMessage", ({ type, message }: { type: number; message: string }) => {
    if (type === 1) errors.push(message);
  });
  connection.onNotification("window/showMessage", ({ message }: { message: string }) => {
    errors.push(`shown: ${message}`);
  });
  connection.onRequest("workspace/configuration", ({ items }: { items: readonly unknown[] }) =>
    items.map(() => settings ?? null),
  );
  connection.onRequest("client/registerCapability", () => null);
  connection.listen();
  const params: InitializeParams = {
    processId: process.pid,
    rootUri: folder ?? null,
    capabilities: {
      workspace: {
        configuration: settings !== undefined,
        ...(versionsEdits === true && { workspaceEdit: { documentChanges: true } }),
        ...(watches === true && { didChangeWatchedFiles: { dynamicRegistration: true } }),
      },
      ...(completion && { textDocument: { completion } }),
    },
    initializationOptions,
  };
  await connection.sendRequest("initialize", params);
  await connection.sendNotification("initialized", {});

  return {
    connection,
    errors,
    open: (uri, text) =>
      void connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "c", version: 1, text },
      }),
    change: (uri, version, text) =>
      void connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      }),
    diagnostics: async (uri, version = 1, turn = 1) => {
      for (;;) {
        const found = published.filter((params) => params.uri === uri && params.version === version)[turn - 1];
        if (found !== undefined) return found.diagnostics;
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
    stop: async () => {
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      const code = await exit;
      connection.dispose();
      return code;
    },
  };
}
