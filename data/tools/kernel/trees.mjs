// @ts-check
/** All pinned kernel trees, read once. */

import { helperTables } from "./helper-tables.mjs";
import { readKernel } from "./source.mjs";

/** @typedef {{ kernel: import("./source.mjs").KernelSource, helpers: import("./helper-tables.mjs").HelperTables }} KernelTree */

/** @type {WeakMap<import("../upstream.mjs").Upstreams, readonly KernelTree[]>} */
const known = new WeakMap();

/** @param {import("../upstream.mjs").Upstreams} upstreams @returns {readonly KernelTree[]} oldest first */
export function kernelTrees(upstreams) {
  const before = known.get(upstreams);
  if (before) return before;
  const trees = upstreams.refs("linux").map((tag) => {
    const kernel = readKernel(upstreams, tag);
    return { kernel, helpers: helperTables(kernel) };
  });
  known.set(upstreams, trees);
  return trees;
}
