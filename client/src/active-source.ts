/** The BPF C file that a command is about: the one that is looked at, saved with all others. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { allSaved, mayRunTools } from "./work.ts";

/** Undefined after telling the person why nothing can be done with it. */
export async function activeSource(): Promise<vscode.Uri | undefined> {
  if (!mayRunTools()) return undefined;
  const document = vscode.window.activeTextEditor?.document;
  const reason = whyNot(document);
  if (reason !== undefined) {
    vscode.window.showErrorMessage(reason);
    return undefined;
  }
  return (await allSaved()) ? document?.uri : undefined;
}

function whyNot(document: vscode.TextDocument | undefined): string | undefined {
  if (document === undefined) return "Open the BPF C file first.";
  if (document.uri.scheme !== "file") return "Only files on disk can be built. Save this one first.";
  if (!document.uri.path.endsWith(".c"))
    return `${basename(document.uri.path)} is no C source file. Open the .c file first.`;
  return undefined;
}
