// @ts-check
/** Program types: numbers and releases, the context each is given, and which values it may return. */

import { intervals } from "../kernel/availability.mjs";
import { contextTables } from "../kernel/context-tables.mjs";
import { programContexts } from "../kernel/contexts.mjs";
import { grouped } from "../kernel/helper-facts.mjs";
import { returnRanges } from "../kernel/return-ranges.mjs";
import { kernelTrees } from "../kernel/trees.mjs";
import { extractEnum } from "../uapi-enum.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ProgramTypeFact} ProgramTypeFact */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").ReturnRange} ReturnRange */

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: ProgramTypeFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const { entries, disagreements } = extractEnum(upstreams, { name: "bpf_prog_type", group: "program_types" });
  const trees = kernelTrees(upstreams).map(({ kernel }) => ({ kernel, rangeOf: returnRanges(kernel) }));
  const newest = trees.at(-1);
  const tables = newest && contextTables(newest.kernel);
  const contexts = programContexts([]);
  const releases = trees.map(({ kernel }) => kernel);
  return {
    entries: entries.map(({ source, ...entry }) => {
      const mine = contexts.filter(({ progType }) => progType === entry.name);
      const found = mine.flatMap((context) => {
        const parts = intervals(
          releases,
          (index) => {
            const range = trees[index]?.rangeOf(context);
            return range && `${range.low}..${range.high}`;
          },
          [entry.since],
        );
        return parts.map(({ state, interval }) => ({ label: context.label, state, interval }));
      });
      /** @type {ReturnRange[]} */
      const returns = grouped(
        found,
        mine.map(({ label }) => label),
      ).map(({ labels, state, interval }) => {
        const [low = 0, high = 0] = state.split("..").map(Number);
        return { in: labels, low, high, ...interval };
      });
      const context = tables?.structOf(entry.name);
      return {
        ...entry,
        ...(context && { context }),
        ...(returns.length > 0 && { returns }),
        source: [...source, ...(returns.length > 0 ? ["linux:kernel/bpf/verifier.c"] : [])],
      };
    }),
    disagreements,
  };
}
