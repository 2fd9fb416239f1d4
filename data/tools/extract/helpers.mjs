// @ts-check
/**
 * Helpers: number and signature from libbpf, first release from the uapi headers, commit from ebpf-docs; who may call them
 * and how from the kernel's tables, release by release.
 */

import { withoutComments } from "../c-enum.mjs";
import { helperFacts } from "../kernel/helper-facts.mjs";
import { docsOf, originOf } from "../origin.mjs";
import { firstReleases } from "../releases.mjs";
import { mustRead } from "../upstream.mjs";
import { extract as attachTypes } from "./attach-types.mjs";
import { extract as mapTypes } from "./map-types.mjs";
import { extract as programTypes } from "./program-types.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Helper} Helper */
/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Param} Param */
/** @typedef {{ name: string, id: number, returns: string, params: Param[] }} Signature */

const SIGNATURES = "src/bpf_helper_defs.h";
/** The functions that hand out `struct bpf_func_proto`, and what these say. */
const TABLES = "linux:*_func_proto";

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: Helper[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const maps = mapTypes(upstreams).entries;
  const types = [...programTypes(upstreams).entries, ...attachTypes(upstreams).entries, ...maps];
  const inKernel = helperFacts(
    upstreams,
    new Map(types.map(({ name, since }) => [name, since])),
    maps.filter(({ aliasOf }) => aliasOf === undefined).map(({ name }) => name),
  );
  return helpersOf(upstreams, inKernel);
}

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @param {ReturnType<typeof helperFacts>} inKernel
 * @returns {{ entries: Helper[], disagreements: string[] }}
 */
export function helpersOf(upstreams, inKernel) {
  const signatures = parseSignatures(mustRead(upstreams, "libbpf", SIGNATURES));
  const releases = firstReleases(upstreams, helperNames);
  const docs = docsOf(upstreams, "helpers");
  /** @type {string[]} */
  const disagreements = [];
  const entries = signatures.map(({ name, id, returns, params }) => {
    const release = releases.get(name);
    if (!release) throw new Error(`${name}: no release header of iproute2 lists it; is the tag range too short?`);
    const { since, commit, source, disagreement } = originOf(name, release, docs.get(name));
    if (disagreement) disagreements.push(disagreement);
    const kernel = inKernel({ name, since }, params.length);
    const from = [`libbpf:${SIGNATURES}`, ...source, TABLES];
    const known = params.map((param, index) => ({ ...param, ...kernel.params[index] }));
    return { name, id, returns, params: known, since, ...(commit && { commit }), ...kernel.facts, source: from };
  });
  const known = new Set(signatures.map(({ name }) => name));
  for (const [name, { source }] of releases)
    if (!known.has(name)) disagreements.push(`${name}: in ${source}, not in libbpf`);
  for (const name of docs.keys()) if (!known.has(name)) disagreements.push(`${name}: in ebpf-docs, not in libbpf`);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries, disagreements };
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
  const text = withoutComments(header);
  const macro = /#define _{2,3}BPF_FUNC_MAPPER\(FN(?:, ctx\.\.\.)?\)\s*\\\n((?:.*\\\n)*.*)/.exec(text)?.[1];
  const body = macro ?? /enum bpf_func_id \{(.*?)\}/s.exec(text)?.[1] ?? "";
  const pattern = macro ? /\bFN\((\w+)/g : /\bBPF_FUNC_(\w+)/g;
  return [...body.matchAll(pattern)].flatMap(([, name]) =>
    name === "unspec" || name === "MAX_ID" ? [] : [`bpf_${name}`],
  );
}
