/** The sources of the workspace that become objects: C files with BPF programs in them. */

import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { isBpfSource } from "../../../server/src/protocol.ts";

/** A workspace with more C files is the kernel's or its like. */
const MOST = 20_000;
/** Without a section there is nothing for a loader to find. */
const HAS_PROGRAM = /\bSEC[ \t]*\(|\bsection[ \t]*\(|\b__section\b/;

/** Where others keep what is theirs. */
const OTHERS = "**/{node_modules,.git,target,vendor}/**";
/** How many are read at a time. */
const AT_ONCE = 32;

export interface Wanted {
  /** All folders of the workspace, without one. */
  readonly folder?: vscode.Uri;
  readonly token?: vscode.CancellationToken;
}

/** What VS Code's settings exclude does not count. */
export async function workspaceSources({ folder, token }: Wanted = {}): Promise<readonly vscode.Uri[]> {
  const pattern = "**/*.c";
  const where = folder === undefined ? pattern : new vscode.RelativePattern(folder, pattern);
  const found = (await vscode.workspace.findFiles(where, OTHERS, MOST, token)).filter(
    ({ scheme }) => scheme === "file",
  );
  const kept: vscode.Uri[] = [];
  for (let i = 0; i < found.length && token?.isCancellationRequested !== true; i += AT_ONCE) {
    const some = found.slice(i, i + AT_ONCE);
    const answers = await Promise.all(some.map(({ fsPath }) => hasProgram(fsPath)));
    kept.push(...some.filter((_, n) => answers[n]));
  }
  return kept.sort((a, b) => (a.fsPath < b.fsPath ? -1 : 1));
}

async function hasProgram(path: string): Promise<boolean> {
  const text = await readFile(path, "latin1").catch(() => "");
  return HAS_PROGRAM.test(text) && isBpfSource(path, text);
}
