// @ts-check
/** Weighs what the release headers and ebpf-docs say about when a name appeared. */

import { parse } from "yaml";
import { mustRead } from "./upstream.mjs";
import { compareVersions } from "./versions.mjs";

/** @typedef {import("./releases.mjs").Release} Release */
/** @typedef {import("./upstream.mjs").Upstreams} Upstreams */
/** @typedef {{ version: string, commit: string | undefined }} DocsEntry */
/** @typedef {{ since: string, commit?: string, source: string[], disagreement?: string }} Origin */

const VERSIONS = "data/feature-versions.yaml";

/**
 * The uapi header decides. Only what its oldest copy lists already may be older, and there ebpf-docs knows better.
 *
 * @param {string} name
 * @param {Release} release
 * @param {DocsEntry | undefined} docs
 * @returns {Origin}
 */
export function originOf(name, { version, source, oldest }, docs) {
  if (!docs) return { since: version, source: [source], disagreement: `${name}: not in ebpf-docs` };
  const agrees = docs.version === version || (oldest && compareVersions(docs.version, version) < 0);
  if (!agrees) {
    const disagreement = `${name}: ${version} by ${source}, ${docs.version} by ebpf-docs`;
    return { since: version, source: [source], disagreement };
  }
  return {
    since: docs.version,
    ...(docs.commit && { commit: docs.commit }),
    // The oldest header proves nothing about a release before it.
    source: docs.version === version ? [source, `ebpf-docs:${VERSIONS}`] : [`ebpf-docs:${VERSIONS}`],
  };
}

/** What ebpf-docs says about one group of names. @param {Upstreams} upstreams @param {string} group */
export function docsOf(upstreams, group) {
  return parseDocs(mustRead(upstreams, "ebpf-docs", VERSIONS), group);
}

/** @param {string} text @param {string} group @returns {Map<string, DocsEntry>} */
export function parseDocs(text, group) {
  // The failsafe schema reads every scalar as a string; otherwise 6.10 would become 6.1.
  const groups = /** @type {{ name: string, features: { name: string, version: string, commit?: string }[] }[]} */ (
    parse(text, { schema: "failsafe" })
  );
  const features = groups.find(({ name }) => name === group)?.features;
  if (!features) throw new Error(`ebpf-docs: ${VERSIONS} has no group "${group}"`);
  return new Map(features.map(({ name, version, commit }) => [name, { version: version.replace(/^v/, ""), commit }]));
}
