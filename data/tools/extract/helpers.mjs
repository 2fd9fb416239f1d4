// @ts-check
/** Helpers: number and signature from libbpf, first release from the uapi headers, commit from ebpf-docs. */

import { parse } from "yaml";
import { firstReleases } from "../releases.mjs";
import { mustRead } from "../upstream.mjs";
import { compareVersions } from "../versions.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Param} Param */
/** @typedef {import("../releases.mjs").Release} Release */
/** @typedef {{ name: string, id: number, returns: string, params: Param[] }} Signature */
/** @typedef {{ version: string, commit: string | undefined }} DocsEntry */
/** @typedef {{ since: string, commit?: string, source: string[], disagreement?: string }} Origin */

const SIGNATURES = "src/bpf_helper_defs.h";
const VERSIONS = "data/feature-versions.yaml";

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: Helper[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const signatures = parseSignatures(mustRead(upstreams, "libbpf", SIGNATURES));
  const releases = firstReleases(upstreams, helperNames);
  const docs = parseDocs(mustRead(upstreams, "ebpf-docs", VERSIONS));
  /** @type {string[]} */
  const disagreements = [];
  const entries = signatures.map(({ name, id, returns, params }) => {
    const { since, commit, source, disagreement } = origin(name, releases.get(name), docs.get(name));
    if (disagreement) disagreements.push(disagreement);
    const from = [`libbpf:${SIGNATURES}`, ...source];
    return { name, id, returns, params, since, ...(commit && { commit }), source: from };
  });
  const known = new Set(signatures.map(({ name }) => name));
  for (const [name, { source }] of releases)
    if (!known.has(name)) disagreements.push(`${name}: in ${source}, not in libbpf`);
  for (const name of docs.keys()) if (!known.has(name)) disagreements.push(`${name}: in ebpf-docs, not in libbpf`);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries, disagreements };
}

/**
 * The uapi header decides. Only what its oldest copy lists already may be older, and there ebpf-docs knows better.
 *
 * @param {string} name
 * @param {Release | undefined} release
 * @param {DocsEntry | undefined} docs
 * @returns {Origin}
 */
function origin(name, release, docs) {
  if (!release) throw new Error(`${name}: no release header of iproute2 lists it; is the tag range too short?`);
  const { version, source, oldest } = release;
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

/** @param {string} header @returns {Signature[]} */
export function parseSignatures(header) {
  const declarations = header.matchAll(
    /^(?:static )?(.*?)\(\* (?:const )?(bpf_\w+)\)\((.*)\) = \(void \*\) ?(\d+);$/gm,
  );
  return [...declarations].map(([, returns = "", name = "", params = "", id]) => ({
    name,
    id: Number(id),
    // An attribute for the compiler, not part of the type.
    returns: returns.replace("__bpf_fastcall", "").trim(),
    params: parseParams(name, params),
  }));
}

/** @param {string} helper @param {string} list @returns {Param[]} */
function parseParams(helper, list) {
  if (list === "void") return [];
  return list.split(",").map((param) => {
    if (param.trim() === "...") return { type: "...", name: "" };
    const [, type, name] = /^(.*[\s*])(\w+)$/.exec(param.trim()) ?? [];
    if (!type || !name) throw new Error(`${helper}: cannot read the parameter "${param.trim()}"`);
    return { type: type.trim(), name };
  });
}

/**
 * Names in `enum bpf_func_id`. Up to 4.9 the enum spells them out; then a macro lists them, from 6.2 on with numbers.
 *
 * @param {string} header
 * @returns {string[]}
 */
export function helperNames(header) {
  const text = header.replace(/\/\*.*?\*\//gs, "");
  const macro = /#define _{2,3}BPF_FUNC_MAPPER\(FN(?:, ctx\.\.\.)?\)\s*\\\n((?:.*\\\n)*.*)/.exec(text)?.[1];
  const body = macro ?? /enum bpf_func_id \{(.*?)\}/s.exec(text)?.[1] ?? "";
  const pattern = macro ? /\bFN\((\w+)/g : /\bBPF_FUNC_(\w+)/g;
  return [...body.matchAll(pattern)].flatMap(([, name]) =>
    name === "unspec" || name === "MAX_ID" ? [] : [`bpf_${name}`],
  );
}

/** @param {string} text @returns {Map<string, DocsEntry>} */
export function parseDocs(text) {
  // The failsafe schema reads every scalar as a string; otherwise 6.10 would become 6.1.
  const groups = /** @type {{ name: string, features: { name: string, version: string, commit?: string }[] }[]} */ (
    parse(text, { schema: "failsafe" })
  );
  const helpers = groups.find(({ name }) => name === "helpers")?.features;
  if (!helpers) throw new Error(`ebpf-docs: ${VERSIONS} has no group "helpers"`);
  return new Map(helpers.map(({ name, version, commit }) => [name, { version: version.replace(/^v/, ""), commit }]));
}
