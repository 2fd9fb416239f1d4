/** The sources of the workspace that become objects: C files with BPF programs in them. */

import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { isBpfSource } from "../../../server/src/protocol.ts";

/** A workspace with more C files is the kernel's or its like. */
const MOST = 20_000;
/** Without a section there is nothing for a loader to find. */
const HAS_PROGRAM = /\bSEC[ \t]*\(|\bsection[ \t]*\(|\b__section\b/;

/** What VS Code's settings exclude does not count. */
export async function workspaceSources(token?: vscode.CancellationToken): Promise<readonly vscode.Uri[]> {
  const found = await vscode.workspace.findFiles("**/*.c", undefined, MOST, token);
  const kept: vscode.Uri[] = [];
  for (const uri of found) if (uri.scheme === "file" && (await hasProgram(uri.fsPath))) kept.push(uri);
  return kept.sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
}

async function hasProgram(path: string): Promise<boolean> {
  const text = await readFile(path, "latin1").catch(() => "");
  return HAS_PROGRAM.test(text) && isBpfSource(path, text);
}
