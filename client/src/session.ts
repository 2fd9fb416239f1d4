/** The session on the desktop: the server is a Node process, spoken to over IPC. */

import { join } from "node:path";
import type { ExtensionContext } from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";
import { CLIENT_ID, CLIENT_NAME, run, type Session } from "./session-options.ts";

/** Where "Attach to Server" of .vscode/launch.json looks. */
const DEBUG_PORT = 6009;

export function startSession(context: ExtensionContext): Promise<Session> {
  const module = join(context.extensionPath, "dist", "server", "node.js");
  const transport = TransportKind.ipc;
  const server = { module, transport };
  const debug = { module, transport, options: { execArgv: ["--nolazy", `--inspect=${DEBUG_PORT}`] } };
  return run(context, (options) => new LanguageClient(CLIENT_ID, CLIENT_NAME, { run: server, debug }, options));
}
