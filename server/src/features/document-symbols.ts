/** Feature: document symbols. The programs and maps of a file, as such. */

import type { DocumentSymbol, SymbolKind } from "vscode-languageserver-types";
import type { BpfMap, Program } from "../analysis/model.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import { comparePositions } from "../analysis/text.ts";

// The numbers of SymbolKind: its own object would be the only code this file needs at run time.
const FUNCTION: SymbolKind = 12;
const OBJECT: SymbolKind = 19;

export function documentSymbols({ model }: Snapshot): DocumentSymbol[] {
  return [...model.programs.map(programSymbol), ...model.maps.map(mapSymbol)].sort((a, b) =>
    comparePositions(a.range.start, b.range.start),
  );
}

function programSymbol({ name, section, range, nameRange }: Program): DocumentSymbol {
  return { name, detail: section.name ?? "", kind: FUNCTION, range, selectionRange: nameRange };
}

function mapSymbol({ name, type, range, nameRange }: BpfMap): DocumentSymbol {
  return { name, detail: type?.replace("BPF_MAP_TYPE_", "") ?? "map", kind: OBJECT, range, selectionRange: nameRange };
}
