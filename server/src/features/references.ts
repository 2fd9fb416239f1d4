/** Features: references and document highlight. Every place where the same thing is meant. */

import type { DocumentHighlight, DocumentHighlightKind, Location } from "vscode-languageserver-types";
import type { Named } from "../analysis/names/names.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position } from "../analysis/text.ts";

/** In a file and its headers, and in others that know the same thing. */
export function references(files: readonly Snapshot[], named: Named, withDeclaration: boolean): Location[] {
  const found = new Map<string, Location>();
  for (const file of files) {
    const { names } = file.model;
    for (const { header, range, role } of names.places(named)) {
      if (role !== "use" && !withDeclaration) continue;
      const uri = header ?? file.uri;
      found.set(`${uri}#${range.start.line}:${range.start.character}`, { uri, range });
    }
  }
  return [...found.values()];
}

const READ: DocumentHighlightKind = 2;
const WRITE: DocumentHighlightKind = 3;

export function documentHighlights({ model, lines }: Snapshot, position: Position): DocumentHighlight[] | null {
  const found = model.names.at(lines.offsetAt(position));
  if (found === undefined) return null;
  return model.names
    .places(found.named)
    .flatMap(({ header, range, isWrite }) => (header === undefined ? [{ range, kind: isWrite ? WRITE : READ }] : []));
}
