/** Feature: document links. Each include leads to its file, where that was found. */

import type { DocumentLink } from "vscode-languageserver-types";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { IncludeTargets } from "./go-to.ts";

export function documentLinks({ model, lines }: Snapshot, targets: IncludeTargets): DocumentLink[] {
  return model.includes.flatMap(({ path, range }) => {
    const target = targets.get(path);
    const { line } = range.start;
    const start = lines.textOf(line).indexOf(path);
    if (target === undefined || start === -1) return [];
    return [{ target, range: { start: { line, character: start }, end: { line, character: start + path.length } } }];
  });
}
