/** Reads what `bpftool feature probe -j` wrote about a kernel. */

import type { FeatureProbe } from "./target.ts";

/** @returns why not, where the text is no such file */
export function readFeatureProbe(text: string): FeatureProbe | string {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return "is no JSON. Make it with bpftool feature probe -j > probe.json, as root.";
  }
  const parts = asRecord(content);
  const [types, maps, helpers] = [
    asRecord(parts["program_types"]),
    asRecord(parts["map_types"]),
    asRecord(parts["helpers"]),
  ];
  if (Object.keys(types).length === 0 && Object.keys(maps).length === 0)
    return "does not look like the output of bpftool feature probe -j. Make it with bpftool feature probe -j > probe.json, as root.";
  return {
    programTypes: flags(types, /^have_(\w+)_prog_type$/, "BPF_PROG_TYPE_"),
    mapTypes: flags(maps, /^have_(\w+)_map_type$/, "BPF_MAP_TYPE_"),
    helpers: new Map(
      Object.entries(helpers).flatMap(([key, list]) => {
        const type = /^(\w+)_available_helpers$/.exec(key)?.[1];
        return type === undefined || !Array.isArray(list)
          ? []
          : [[`BPF_PROG_TYPE_${type.toUpperCase()}`, new Set(list.filter((name) => typeof name === "string"))]];
      }),
    ),
  };
}

function flags(record: Readonly<Record<string, unknown>>, key: RegExp, prefix: string): ReadonlyMap<string, boolean> {
  return new Map(
    Object.entries(record).flatMap(([name, value]) => {
      const type = key.exec(name)?.[1];
      return type === undefined || typeof value !== "boolean" ? [] : [[`${prefix}${type.toUpperCase()}`, value]];
    }),
  );
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
