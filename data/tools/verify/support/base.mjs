// @ts-check
/** What we say, as the checks read it: facts with their corrections, and what a single release has of them. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compareVersions } from "../../versions.mjs";

/** @typedef {import("../../../../server/src/analysis/knowledge/types.ts").Interval} Interval */
/** @typedef {Interval & { in: readonly string[] }} Where */

/**
 * @typedef {object} Outcome What a check found.
 * @property {number} compared single statements
 * @property {readonly string[]} disagreements
 * @property {readonly string[]} [cannot] what would have to be installed or allowed for more
 * @property {readonly string[]} [leftOut] what this kernel or this library does not have
 */

/** @typedef {(kind: string) => any[]} Base */

/** @param {string} dataDir @returns {Base} entries of `facts/<kind>.json` with their overrides, or of `curated/<kind>.json` */
export function baseIn(dataDir) {
  const read = (/** @type {string} */ folder, /** @type {string} */ kind) => {
    const file = join(dataDir, folder, `${kind}.json`);
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  };
  return (kind) => {
    const file = read("facts", kind) ?? read("curated", kind);
    if (file === undefined) throw new Error(`data has no ${kind}.json`);
    /** @type {{ name: string, set: object }[]} */
    const overrides = read("overrides", kind) ?? [];
    const set = new Map(overrides.map((one) => [one.name, one.set]));
    return file.entries.map((/** @type {{ name: string }} */ entry) => ({ ...entry, ...set.get(entry.name) }));
  };
}

/** The `6.18` of `6.18.44-generic`. @param {string} kernel */
export function releaseOf(kernel) {
  return /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel;
}

/** @param {Interval} interval @param {string} release @returns {boolean | undefined} undefined where we have no opinion */
export function holds({ since, maybe, until }, release) {
  if (until !== undefined && compareVersions(release, until) >= 0) return false;
  if (compareVersions(release, since) >= 0) return true;
  return maybe !== undefined && compareVersions(release, maybe) >= 0 ? undefined : false;
}

/**
 * The entry that speaks for a program in a release.
 *
 * @template {Where} Entry
 * @param {readonly Entry[]} entries
 * @param {string} label `TRACING/BPF_TRACE_FENTRY`
 * @param {string} release
 * @returns {Entry | "no opinion" | undefined}
 */
export function entryFor(entries, label, release) {
  const outer = label.split("/")[0] ?? label;
  // Beside an entry of its own, one of the whole type speaks for the others.
  for (const name of new Set([label.includes("/") ? label : `${label}/plain`, label, outer])) {
    const mine = entries.filter((entry) => entry.in.includes(name));
    const sure = mine.find((entry) => holds(entry, release) === true);
    if (sure) return sure;
    if (mine.some((entry) => holds(entry, release) === undefined)) return "no opinion";
  }
  return undefined;
}
