/** Feature: workspace symbols. Programs, maps, functions and globals of all BPF files, found by a part of their name. */

import type { SymbolInformation, SymbolKind } from "vscode-languageserver-types";
import type { NamedThing } from "../analysis/symbols.ts";

/** By uri. */
export type ThingsByFile = ReadonlyMap<string, readonly NamedThing[]>;

const MOST = 500;

// The numbers of SymbolKind: its own object would be the only code this file needs at run time.
const KINDS: Readonly<Record<NamedThing["kind"], SymbolKind>> = { program: 12, function: 12, map: 19, global: 13 };

/** The letters of the query stand in the name in that order, as editors ask it; what begins with them comes first. */
export function workspaceSymbols(files: ThingsByFile, query: string): SymbolInformation[] {
  const letters = query.toLowerCase();
  const found: { readonly rank: number; readonly symbol: SymbolInformation }[] = [];
  for (const [uri, things] of files) {
    for (const thing of things) {
      const rank = rankOf(thing.name.toLowerCase(), letters);
      if (rank !== undefined) found.push({ rank, symbol: symbolOf(uri, thing) });
    }
  }
  const byRank = found.sort(
    (a, b) => a.rank - b.rank || compare(a.symbol.name, b.symbol.name) || compare(uriOf(a.symbol), uriOf(b.symbol)),
  );
  return byRank.slice(0, MOST).map(({ symbol }) => symbol);
}

function symbolOf(uri: string, { name, kind, detail, nameRange }: NamedThing): SymbolInformation {
  return { name, kind: KINDS[kind], location: { uri, range: nameRange }, ...(detail && { containerName: detail }) };
}

function rankOf(name: string, letters: string): number | undefined {
  const at = name.indexOf(letters);
  if (at !== -1) return at === 0 ? 0 : 1;
  let from = 0;
  for (const letter of letters) {
    from = name.indexOf(letter, from) + 1;
    if (from === 0) return undefined;
  }
  return 2;
}

function uriOf({ location: { uri } }: SymbolInformation): string {
  return uri;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
