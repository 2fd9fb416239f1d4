/** Web entry (vscode.dev, github.dev): the server is a web worker, and what needs a process is not there. */

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/browser";
import {
  LIST_FILES_REQUEST,
  type ListFilesParams,
  READ_TEXT_REQUEST,
  type ReadTextParams,
  type WorkerAssets,
} from "../../server/src/protocol.ts";
import { type Api, activate as activateShared } from "./activation.ts";
import { commands } from "./commands/index.web.ts";
import { CLIENT_ID, CLIENT_NAME, run, type Session } from "./session-options.ts";

export function activate(context: vscode.ExtensionContext): Api {
  return activateShared(context, { kind: "web", commands, startSession });
}

async function startSession(context: vscode.ExtensionContext): Promise<Session> {
  const worker = await startWorker(context);
  const session = await run(context, (options) => {
    const client = new LanguageClient(CLIENT_ID, CLIENT_NAME, worker, options);
    client.onRequest(READ_TEXT_REQUEST, ({ uri, limit }: ReadTextParams) => readText(vscode.Uri.parse(uri), limit));
    client.onRequest(LIST_FILES_REQUEST, listFiles);
    return client;
  });
  context.subscriptions.push({ dispose: () => worker.terminate() });
  return session;
}

/** Hosts that serve extensions from afar let no worker be made from their addresses, so it is made from its text. */
async function startWorker({ extensionUri }: vscode.ExtensionContext): Promise<Worker> {
  const read = (...path: string[]) => vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, "dist", ...path));
  const [script, runtime, language, knowledge] = await Promise.all([
    read("server", "browser.js"),
    read("web-tree-sitter.wasm"),
    read("tree-sitter-c.wasm"),
    read("knowledge.json"),
  ]);
  const address = URL.createObjectURL(new Blob([new Uint8Array(script)], { type: "text/javascript" }));
  const worker = new Worker(address);
  const assets: WorkerAssets = { runtime, language, knowledge };
  worker.postMessage(assets);
  return worker;
}

async function readText(uri: vscode.Uri, limit: number | undefined): Promise<string | null> {
  try {
    if (limit !== undefined && (await vscode.workspace.fs.stat(uri)).size > limit) return null;
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return null;
  }
}

async function listFiles({ folder, endings, limit, isDeep }: ListFilesParams): Promise<readonly string[]> {
  const pattern = new vscode.RelativePattern(vscode.Uri.parse(folder), `${isDeep ? "**/" : ""}*{${endings.join(",")}}`);
  const found = await vscode.workspace.findFiles(pattern, "**/{node_modules,.*}/**", limit);
  return found.map((uri) => uri.toString());
}
