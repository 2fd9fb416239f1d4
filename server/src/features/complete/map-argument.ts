/** Completion of maps where a call wants one: those of the file that it takes. */

import type { CompletionItem } from "vscode-languageserver-types";
import type { Helper, KfuncFact } from "../../analysis/knowledge/types.ts";
import type { MapFacts } from "../../analysis/model.ts";
import { fits } from "./fits.ts";
import { type Asked, KIND, ranked, typeWord } from "./item.ts";
import { type CodePlace, callAround } from "./place.ts";

/** @returns undefined where no map is asked for */
export function mapItems(asked: Asked, place: CodePlace): CompletionItem[] | undefined {
  const call = callAround(place);
  const isAddress = place.before === "&" && /^[(,]$/.test(place.cursor.text(tokenBefore(place) - 1));
  const isFresh = place.before === "(" || place.before === ",";
  if (call === undefined || !(isAddress || isFresh)) return undefined;
  const fact = asked.file.model.redefines(call.name)
    ? undefined
    : (asked.kb.helper(call.name) ?? asked.kb.kfunc(call.name));
  const wantsMap = fact?.params?.[call.argument]?.kind === "map";
  if (fact !== undefined && !wantsMap) return undefined;
  // What a function of the file's own wants only the & tells.
  if (fact === undefined && !isAddress) return undefined;
  const maps = fact === undefined ? allMaps(asked) : mapsFor(fact, asked);
  return maps.filter(({ name }) => fits(name, place.prefix)).map((map) => mapItem(map, isAddress));
}

function tokenBefore({ cursor, word }: CodePlace): number {
  for (let i = cursor.count - 1; i >= 0; i--) if (cursor.end(i) <= word.start) return i;
  return -1;
}

function mapItem({ name, type, keyType, valueType }: MapFacts, isAddress: boolean): CompletionItem {
  const parts = [keyType, valueType].filter((part) => part !== undefined).join(" → ");
  const detail = [type === undefined ? "map" : typeWord(type), parts].filter(Boolean).join(" · ");
  const insertText = isAddress ? name : `&${name}`;
  return ranked({ label: insertText, kind: KIND.variable, detail, filterText: name, insertText }, 0);
}

function allMaps({ file: { model } }: Asked): readonly MapFacts[] {
  return [...model.maps, ...model.outside.maps];
}

/** Those whose type it takes; a map that does not say its type may be any. */
export function mapsFor(fact: Helper | KfuncFact, asked: Asked): readonly MapFacts[] {
  const taken =
    "maps" in fact ? fact.maps?.filter(({ until }) => until === undefined).flatMap((one) => one.in) : undefined;
  return allMaps(asked).filter(({ type }) => {
    const known = type === undefined ? undefined : asked.kb.mapType(type);
    return taken === undefined || known === undefined || taken.includes(typeWord(known.aliasOf ?? known.name));
  });
}
