/** Tells our server who else gives plain C in this window, whenever that changes. */

import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient";
import { OTHER_SERVER_NOTIFICATION, type OtherServer } from "../../server/src/protocol.ts";
import { isBpfDocument } from "./bpf-documents.ts";
import { notFound, otherServer } from "./other-server.ts";

/** By file, the headers that the other server did not find when it was last looked at. */
const missing = new Map<string, readonly string[]>();

export function otherServerNow(): OtherServer {
  const found = find();
  vscode.workspace.textDocuments.forEach(look);
  return { ...(found && { name: found.name }), missing: found === undefined ? {} : Object.fromEntries(missing) };
}

export function tellOfOtherServer(client: BaseLanguageClient): vscode.Disposable {
  let told = JSON.stringify(otherServerNow());
  const tell = (): void => {
    const now = otherServerNow();
    const text = JSON.stringify(now);
    if (text === told || !client.isRunning()) return;
    told = text;
    client.sendNotification(OTHER_SERVER_NOTIFICATION, now).catch(() => undefined);
  };
  // Whether it has a server at all is known once it has started; a C file is open, so it is about to.
  find()?.extension.activate().then(tell, tell);
  return vscode.Disposable.from(
    vscode.extensions.onDidChange(tell),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("clangd") || event.affectsConfiguration("C_Cpp")) tell();
    }),
    vscode.languages.onDidChangeDiagnostics(tell),
    vscode.window.onDidChangeActiveTextEditor(tell),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => missing.delete(uri.toString())),
  );
}

function find() {
  return otherServer({
    extension: (id) => vscode.extensions.getExtension(id),
    setting: (name) => vscode.workspace.getConfiguration().get(name),
  });
}

/** Half-typed includes are found nowhere: what is said of them tells nothing of the server. */
function look(document: vscode.TextDocument): void {
  if (document.isDirty || !isBpfDocument(document)) return;
  const uri = document.uri.toString();
  const headers = notFound(vscode.languages.getDiagnostics(document.uri));
  if (headers.length > 0) missing.set(uri, headers);
  else missing.delete(uri);
}
