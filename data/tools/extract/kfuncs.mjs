// @ts-check
/** kfuncs: the functions that the kernel offers beside helpers, by the sets in which it registers them. */

import { parse } from "yaml";
import { docsOf } from "../origin.mjs";
import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").KfuncFact} KfuncFact */
/** @typedef {{ name: string, since?: { version: string }, until?: { version: string } }} Named */
/** @typedef {{ name: string, flags?: string[], except?: { program_types?: Named[] } }} Func */
/** @typedef {{ funcs: Func[], program_types: Named[], attach_type?: string[] }} KfuncSet */

const SETS = "data/kfuncs.yaml";

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: KfuncFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  // The failsafe schema reads every scalar as a string; otherwise 6.10 would become 6.1.
  /** @type {{ sets: Record<string, KfuncSet> }} */
  const { sets } = parse(mustRead(upstreams, "ebpf-docs", SETS), { schema: "failsafe" });
  const releases = docsOf(upstreams, "kfuncs");
  /** @type {Map<string, KfuncFact>} */
  const facts = new Map();
  for (const [set, content] of Object.entries(sets)) {
    for (const func of content.funcs) {
      facts.set(func.name, joined(facts.get(func.name), factOf(func, set, content, releases.get(func.name))));
    }
  }
  const entries = [...facts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    entries,
    disagreements: [
      ...entries
        .filter(({ since }) => since === undefined)
        .map(({ name }) => `${name}: in a set, but its release is not known`),
      ...[...releases.keys()]
        .filter((name) => !facts.has(name))
        .map((name) => `${name}: has a release, but is in no set`),
    ],
  };
}

/**
 * @param {Func} func
 * @param {string} set
 * @param {KfuncSet} content
 * @param {import("../origin.mjs").DocsEntry | undefined} release
 * @returns {KfuncFact}
 */
function factOf({ name, flags = [], except }, set, { program_types, attach_type }, release) {
  const excluded = new Set(except?.program_types?.map((type) => type.name));
  return {
    name,
    sets: [set],
    flags: [...flags].sort(),
    programTypes: program_types
      .filter((type) => !excluded.has(type.name))
      .map(({ name: type, since, until }) => ({
        name: type,
        ...(since && { since: since.version }),
        ...(until && { until: until.version }),
      })),
    ...(attach_type && { attachTypes: attach_type }),
    ...(release && { since: release.version }),
    ...(release?.commit && { commit: release.commit }),
    source: [`ebpf-docs:${SETS}`, ...(release ? ["ebpf-docs:data/feature-versions.yaml"] : [])],
  };
}

/** One function may be in several sets. @param {KfuncFact | undefined} before @param {KfuncFact} fact @returns {KfuncFact} */
function joined(before, fact) {
  if (before === undefined) return fact;
  const known = new Set(before.programTypes.map(({ name }) => name));
  return {
    ...before,
    sets: [...before.sets, ...fact.sets].sort(),
    flags: [...new Set([...before.flags, ...fact.flags])].sort(),
    programTypes: [...before.programTypes, ...fact.programTypes.filter(({ name }) => !known.has(name))],
  };
}
