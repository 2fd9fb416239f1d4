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
    for (const { map } of call.args) {
      const uses = map && found.get(map.name);
      if (map !== undefined && uses === undefined) found.set(map.name, [call]);
      else if (uses?.at(-1) !== call) uses?.push(call);
    }
  }
  return found;
});
