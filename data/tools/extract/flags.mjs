// @ts-check
/** Flags: every `BPF_F_*` of the uapi header, and the three modes of an update, with their values. */

import { withoutComments } from "../c-enum.mjs";
import { docsOf, originOf } from "../origin.mjs";
import { firstReleases } from "../releases.mjs";
import { mustRead } from "../upstream.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").FlagFact} FlagFact */

const HEADER = "include/uapi/linux/bpf.h";
const MODES = new Set(["BPF_ANY", "BPF_NOEXIST", "BPF_EXIST"]);

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: FlagFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const values = flagsIn(mustRead(upstreams, "libbpf", HEADER));
  const releases = firstReleases(upstreams, (header) => flagsIn(header).keys());
  const docs = docsOf(upstreams, "flags");
  /** @type {string[]} */
  const disagreements = [];
  const entries = [...values].map(([name, value]) => {
    const release = releases.get(name);
    const { disagreement, source, ...origin } = release
      ? originOf(name, release, docs.get(name))
      : { source: [], disagreement: `${name}: in no release up to ${upstreams.refs("iproute2").at(-1)}` };
    if (disagreement) disagreements.push(disagreement);
    return { name, value: `0x${value.toString(16)}`, ...origin, source: [`libbpf:${HEADER}`, ...source] };
  });
  for (const [name, { source }] of releases)
    if (!values.has(name)) disagreements.push(`${name}: in ${source}, not in libbpf`);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries, disagreements };
}

/** `#define BPF_F_X (1U << 3)` and `BPF_F_X = (1U << 3)`. @param {string} header @returns {Map<string, bigint>} */
export function flagsIn(header) {
  /** @type {Map<string, bigint>} */
  const values = new Map();
  const text = withoutComments(header);
  for (const [, defined, body, listed, item] of text.matchAll(
    /^#define[ \t]+(BPF_\w+)[ \t]+(.+)$|^[ \t]*(BPF_\w+)[ \t]*=[ \t]*([^,\n]+)/gm,
  )) {
    const name = defined ?? listed ?? "";
    if (!name.startsWith("BPF_F_") && !MODES.has(name)) continue;
    const value = numberOf(body ?? item ?? "", values);
    // `#define BPF_F_LINK BPF_F_LINK` only says that there is one.
    if (value !== undefined && !values.has(name)) values.set(name, value);
  }
  return values;
}

/** The value of `1U << 3`, `0xffULL`, `NAME << 32` or several of them joined by `|`. @param {string} text @param {Map<string, bigint>} known @returns {bigint | undefined} */
function numberOf(text, known) {
  const expression = text.trim().replace(/^\((.*)\)$/, "$1");
  const parts = expression.split("|").map((part) => {
    const [left, right] = part.split("<<").map((term) => termOf(term.trim(), known));
    if (left === undefined || (part.includes("<<") && right === undefined)) return undefined;
    return right === undefined ? left : left << right;
  });
  return parts.reduce((sum, part) => (sum === undefined || part === undefined ? undefined : sum | part), 0n);
}

/** @param {string} term @param {Map<string, bigint>} known */
function termOf(term, known) {
  const number = /^\(?(0x[\da-f]+|\d+)U?L?L?\)?$/i.exec(term)?.[1];
  return number === undefined ? known.get(term) : BigInt(number);
}
