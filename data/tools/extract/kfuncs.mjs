// @ts-check
/** kfuncs: the functions that the kernel offers beside helpers, as its releases register them. */

import { intervals } from "../kernel/availability.mjs";
import { grouped } from "../kernel/helper-facts.mjs";
import { kfuncTables } from "../kernel/kfunc-tables.mjs";
import { kernelTrees } from "../kernel/trees.mjs";
import { docsOf } from "../origin.mjs";
import { compareVersions } from "../versions.mjs";
import { extract as programTypes } from "./program-types.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").KfuncFact} KfuncFact */
/** @typedef {import("../kernel/kfunc-tables.mjs").Kfunc} Kfunc */

/**
 * @param {import("../upstream.mjs").Upstreams} upstreams
 * @returns {{ entries: KfuncFact[], disagreements: string[] }}
 */
export function extract(upstreams) {
  const types = new Map(programTypes(upstreams).entries.map(({ name, since }) => [name, since]));
  const trees = kernelTrees(upstreams).map(({ kernel }) => ({
    kernel,
    kfuncs: kfuncTables(kernel, [...types.keys()]),
  }));
  const docs = docsOf(upstreams, "kfuncs");
  const names = [...new Set(trees.flatMap(({ kfuncs }) => [...kfuncs.keys()]))].sort();
  /** @type {string[]} */
  const disagreements = [];
  const entries = names.map((name) => {
    const newest = trees.findLast(({ kfuncs }) => kfuncs.has(name))?.kfuncs.get(name);
    const parts = intervals(
      trees.map(({ kernel }) => kernel),
      (index) => (trees[index]?.kfuncs.has(name) ? "y" : undefined),
      [],
    );
    const first = parts[0]?.interval;
    const release = docs.get(name);
    // Between two trees that were read, ebpf-docs may know the release.
    const fits = release && first && within(release.version, first.maybe ?? first.since, first.since);
    if (release && !fits) disagreements.push(`${name}: ${first?.since} by the trees, ${release.version} by ebpf-docs`);
    const since = fits ? release.version : first?.since;
    return {
      name,
      ...(newest?.returns !== undefined && { returns: newest.returns, params: written(newest) }),
      sets: newest?.sets ?? [],
      flags: newest?.flags ?? [],
      ...(newest?.filtered && { filtered: /** @type {const} */ (true) }),
      allowed: allowances(name, fits ? release.version : undefined),
      ...(since && { since }),
      ...(!fits && first?.maybe && { maybe: first.maybe }),
      ...(parts.at(-1)?.interval.until && { until: parts.at(-1)?.interval.until ?? "" }),
      ...(fits && release.commit && { commit: release.commit }),
      source: ["linux:register_btf_kfunc_id_set", ...(fits ? ["ebpf-docs:data/feature-versions.yaml"] : [])],
    };
  });
  for (const name of docs.keys()) if (!names.includes(name)) disagreements.push(`${name}: in ebpf-docs, in no tree`);
  return { entries, disagreements };

  /** @param {string} name @param {string | undefined} since where ebpf-docs knows it */
  function allowances(name, since) {
    const all = ["BPF_PROG_TYPE_UNSPEC", ...types.keys()];
    const found = all.flatMap((type) => {
      const parts = intervals(
        trees.map(({ kernel }) => kernel),
        (index) => (trees[index]?.kfuncs.get(name)?.types.has(type) ? "y" : undefined),
        [since, types.get(type)],
      );
      // What every type may call needs no list of types beside it.
      return parts.map(({ interval }) => ({
        label: type.replace("BPF_PROG_TYPE_", ""),
        state: "y",
        interval: exact(interval, since),
      }));
    });
    return grouped(found, []).map(({ labels, interval }) => ({
      in: labels.map((label) => (label === "UNSPEC" ? "*" : label)),
      ...interval,
      gpl: /** @type {const} */ (true),
    }));
  }
}

/** Where the kfunc itself is known to have come later than the last tree without it. @param {import("../../../server/src/analysis/knowledge/types.ts").Interval} interval @param {string | undefined} since */
function exact({ maybe, ...interval }, since) {
  if (maybe === undefined) return interval;
  return maybe === since ? { ...interval, since } : { ...interval, maybe };
}

/** What a program writes: the verifier itself adds what comes last. @param {Kfunc} kfunc */
function written({ flags, params = [] }) {
  if (!flags.includes("KF_IMPLICIT_ARGS")) return params;
  const first = params.findIndex(({ type }) => /\bstruct (?:bpf_prog_aux|btf_struct_meta)\b/.test(type));
  return first < 0 ? params : params.slice(0, first);
}

/** @param {string} version @param {string} low @param {string} high */
function within(version, low, high) {
  return compareVersions(version, low) >= 0 && compareVersions(version, high) <= 0;
}
