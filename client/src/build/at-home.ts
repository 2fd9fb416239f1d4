/** Where in the person's own files a compiler's message belongs. */

import * as vscode from "vscode";
import { type BuildDiagnostic, INCLUDED_HERE } from "../../../server/src/toolchain/build-diagnostic.ts";

/**
 * What is wrong in a header that is not the person's stands where that is included, and once for each meaning: it is there
 * that something can be done.
 */
export function atHome(diagnostics: readonly BuildDiagnostic[]): readonly BuildDiagnostic[] {
  const seen = new Set<string>();
  return diagnostics.flatMap((said) => {
    const home = isOwn(said.file)
      ? undefined
      : said.notes.findLast(({ file, message }) => message === INCLUDED_HERE && isOwn(file));
    if (home === undefined) return [said];
    const key = JSON.stringify([home, said.explanation?.id]);
    if (seen.has(key)) return [];
    seen.add(key);
    const origin = { file: said.file, range: said.range, message: said.message };
    return [{ ...said, file: home.file, range: home.range, notes: [origin, ...said.notes], fixes: [] }];
  });
}

function isOwn(file: string): boolean {
  return vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file)) !== undefined;
}
