// @ts-check
/** One enum of the uapi header as facts: numbers from libbpf's copy, first release and commit as for helpers. */

import { enumOf } from "./c-enum.mjs";
import { docsOf, originOf } from "./origin.mjs";
import { firstReleases } from "./releases.mjs";
import { mustRead } from "./upstream.mjs";

/** @typedef {import("../../server/src/analysis/knowledge/types.ts").EnumFact} EnumFact */
/** @typedef {import("./c-enum.mjs").Enumerator} Enumerator */
/** @typedef {import("./releases.mjs").Release} Release */

const HEADER = "include/uapi/linux/bpf.h";

/**
 * @param {import("./upstream.mjs").Upstreams} upstreams
 * @param {{ name: string, group: string }} what the enum, and its group in ebpf-docs
 * @returns {{ entries: EnumFact[], disagreements: string[] }}
 */
export function extractEnum(upstreams, { name: enumName, group }) {
  const enumerators = typesIn(mustRead(upstreams, "libbpf", HEADER), enumName);
  if (enumerators.length === 0) throw new Error(`libbpf: ${HEADER} has no enum ${enumName}`);
  // With the number in the key, a name that was given another number would count as another one.
  const releases = firstReleases(upstreams, (header) => typesIn(header, enumName).map(keyOf));
  const docs = docsOf(upstreams, group);
  /** @type {string[]} */
  const disagreements = [];
  const entries = enumerators.map((enumerator) => {
    const { name, number } = enumerator;
    const release = releases.get(keyOf(enumerator));
    const { disagreement, source, ...origin } = release
      ? originOf(name, release, docs.get(name))
      : { source: [], disagreement: `${name}: in no release up to ${upstreams.refs("iproute2").at(-1)}` };
    if (disagreement) disagreements.push(disagreement);
    const names = enumerators.filter((other) => other.number === number);
    return {
      name,
      number,
      ...aliasOf(name, names, releases),
      ...origin,
      source: [`libbpf:${HEADER}`, ...source],
    };
  });
  const known = new Set(enumerators.flatMap((enumerator) => [keyOf(enumerator), enumerator.name]));
  for (const [key, { source }] of releases)
    if (!known.has(key)) disagreements.push(`${key}: in ${source}, not in libbpf`);
  for (const name of docs.keys()) if (!known.has(name)) disagreements.push(`${name}: in ebpf-docs, not in libbpf`);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries, disagreements };
}

/** The enumerators that are types: neither the placeholder for none nor the count. @param {string} text @param {string} name */
function typesIn(text, name) {
  return enumOf(text, name).filter((enumerator) => !/^(?:__|MAX_)|_UNSPEC$/.test(enumerator.name));
}

/** @param {Enumerator} enumerator */
function keyOf({ name, number }) {
  return `${name} = ${number}`;
}

/**
 * Of several names for one number the oldest is the name, the others are aliases of it. The kernel marks a type as
 * outdated by giving it a second name.
 *
 * @param {string} name
 * @param {Enumerator[]} names all names of its number
 * @param {Map<string, Release>} releases
 * @returns {{ aliasOf?: string, deprecated?: true }}
 */
function aliasOf(name, names, releases) {
  const order = [...releases.keys()];
  const age = (/** @type {Enumerator} */ enumerator) => {
    const place = order.indexOf(keyOf(enumerator));
    return place < 0 ? order.length : place;
  };
  const oldest = names.reduce((a, b) => (age(b) < age(a) ? b : a)).name;
  return {
    ...(oldest !== name && { aliasOf: oldest }),
    ...(names.some((other) => other.name.endsWith("_DEPRECATED")) && { deprecated: true }),
  };
}
