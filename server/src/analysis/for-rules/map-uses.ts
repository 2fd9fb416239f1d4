/** Where the programs of a file use its maps. */

import type { BpfModel, Call, MapFacts } from "../model.ts";
import { perModel } from "./per-model.ts";

/** The calls that are given the map. */
export function usesOfMap({ name }: Pick<MapFacts, "name">, model: BpfModel): readonly Call[] {
  return callsByMap({ model }).get(name) ?? [];
}

const callsByMap = perModel([], ({ model }): ReadonlyMap<string, readonly Call[]> => {
  const found = new Map<string, Call[]>();
  for (const call of model.calls) {
    for (const name of new Set(call.args.flatMap(({ map }) => map?.name ?? [])))
      found.set(name, [...(found.get(name) ?? []), call]);
  }
  return found;
});
