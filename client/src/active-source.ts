/** The BPF C file that a command is about: the one that is looked at, saved. */

import { basename } from "node:path";
import * as vscode from "vscode";

/** Undefined after telling the person why nothing can be done with it. */
export async function activeSource(): Promise<vscode.Uri | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  const reason = whyNot(document);
  if (reason !== undefined) {
    vscode.window.showErrorMessage(reason);
    return undefined;
  }
  if (document?.isDirty === true && !(await document.save())) return undefined;
  return document?.uri;
}

function whyNot(document: vscode.TextDocument | undefined): string | undefined {
  if (document === undefined) return "Open the BPF C file first.";
  if (document.uri.scheme !== "file") return "Only files on disk can be built. Save this one first.";
  if (!document.uri.path.endsWith(".c"))
    return `${basename(document.uri.path)} is no C source file. Open the .c file first.`;
  return undefined;
}
