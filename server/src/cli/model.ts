/** `hookpoint model FILE…`: prints what Hookpoint understood of a file. */

import { type Description, describe, MODEL_FORMAT } from "../analysis/describe.ts";
import { forEachFile, loadTools, print, withModel } from "./source.ts";

export async function model(files: readonly string[], format: "json" | "text"): Promise<number> {
  const tools = await loadTools();
  const described: object[] = [];
  const { failed } = await forEachFile(files, async (path) => {
    // Its list of places that are no C is the tree's to tell.
    const parser = () => tools.core.syntax();
    const description = await withModel(path, tools, (built) => describe(built.model, tools.core.kb), parser);
    if (format === "text") print(asText(path, description));
    else described.push({ path, ...description });
  });
  if (format === "json") print(`${JSON.stringify({ format: MODEL_FORMAT, files: described }, null, 2)}\n`);
  return failed ? 2 : 0;
}

type Row = Readonly<Record<string, unknown>>;

function asText(path: string, { programs, maps, calls, licence, errors, outside }: Description): string {
  const rows = (list: readonly object[], render: (row: Row) => string) =>
    list.map((row) => `  ${render(row as Row)}\n`).join("");
  return [
    `${path}\n`,
    rows(programs, (p) => `program ${p["name"]}: SEC("${p["section"] ?? "?"}") ${p["progType"] ?? "unknown type"}`),
    rows(maps, mapText),
    rows(outside.maps, (m) => `${mapText(m)} (from a header)`),
    `  ${calls.length} calls, licence ${licence ?? "none"}${errors.length === 0 ? "" : `, ${errors.length} places that are no C`}\n`,
  ].join("");
}

function mapText({ name, type, keySize, valueSize, maxEntries }: Row): string {
  const size = (value: unknown): string => (value === null ? "?" : String(value));
  return `map ${name}: ${type ?? "unknown type"}, key ${size(keySize)} B, value ${size(valueSize)} B, ${size(maxEntries)} entries`;
}
