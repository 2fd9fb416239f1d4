/** A build of one source in the editor: a newer one ends the older, and what the compiler says becomes problems. */

import * as vscode from "vscode";
import { type BuildOptions, type BuildResult, buildObject } from "../../../server/src/toolchain/build.ts";
import type { Work } from "../../../server/src/toolchain/choices.ts";
import { showProblems } from "./problems.ts";

const running = new Map<string, AbortController>();

export async function buildInEditor(source: string, work: Work, options: BuildOptions = {}): Promise<BuildResult> {
  running.get(source)?.abort();
  const own = new AbortController();
  running.set(source, own);
  const typed = new Map<string, vscode.TextDocumentContentChangeEvent[][]>();
  const listener = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    const file = document.uri.toString();
    if (contentChanges.length > 0) typed.set(file, [...(typed.get(file) ?? []), [...contentChanges]]);
  });
  try {
    const result = await buildObject(source, { ...work, signal: AbortSignal.any([work.signal, own.signal]) }, options);
    showProblems(result, typed);
    return result;
  } finally {
    listener.dispose();
    if (running.get(source) === own) running.delete(source);
  }
}

/** "2 errors, 1 warning"; undefined where there are none. */
export function counted({ diagnostics }: Pick<BuildResult, "diagnostics">): string | undefined {
  const parts = (["error", "warning"] as const).flatMap((severity) => {
    const number = diagnostics.filter((one) => one.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}${number === 1 ? "" : "s"}`];
  });
  return parts.length === 0 ? undefined : parts.join(", ");
}
