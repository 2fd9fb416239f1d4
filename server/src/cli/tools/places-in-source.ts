/** Where the programs, the maps and the names of a C source stand in it, for what loaders say of them. */

import { readFile } from "node:fs/promises";
import { describe } from "../../analysis/describe.ts";
import { type PlaceOfName, sourcePlaces } from "../../analysis/verifier/source-places.ts";
import { loadTools, withModel } from "../source.ts";

export async function placesInSource(path: string): Promise<PlaceOfName> {
  const tools = await loadTools();
  const parser = () => tools.core.syntax();
  const description = await withModel(path, tools, (built) => describe(built.model, tools.core.kb), parser);
  return sourcePlaces(path, await readFile(path, "utf8"), description);
}
