// @ts-check
/** One-file runs of `hookpoint check` beside bare Node and beside clang on the same file, in turn. */

import { join } from "node:path";
import { NODE_IS_FAST_TO_START } from "./goals.mjs";
import { timeProcess } from "./processes.mjs";
import { row } from "./rows.mjs";
import { mean, median } from "./statistics.mjs";

/**
 * @typedef {import("./processes.mjs").Cost} Cost
 *
 * @typedef {object} Setup
 * @property {readonly import("./files.mjs").BenchFile[]} files
 * @property {string} dist
 * @property {string | undefined} clang
 * @property {readonly string[]} flags
 * @property {number} pairs
 * @property {(step: string) => void} progress
 */

/** @param {Setup} setup @returns {Promise<readonly import("./rows.mjs").Group[]>} */
export async function cliRows({ files, dist, clang, flags, pairs, progress }) {
  const groups = [];
  for (const file of files) {
    progress(`command line: ${file.title}`);
    /** @type {{ ours: Cost[], node: Cost[], clang: Cost[] }} */
    const costs = { ours: [], node: [], clang: [] };
    for (let pair = 0; pair < pairs; pair++) {
      costs.ours.push(await timeProcess(process.execPath, [join(dist, "server/cli.js"), "check", file.path], [0, 1]));
      costs.node.push(await timeProcess(process.execPath, ["-e", "0"]));
      if (clang !== undefined) costs.clang.push(await timeProcess(clang, [...flags, "-fsyntax-only", file.path]));
    }
    const againstNode = NODE_IS_FAST_TO_START ? undefined : 1.8;
    const againstClang = file.usesVmlinux ? 1 / 3 : undefined;
    groups.push(groupOf(file, "node -e 0", costs.ours, costs.node, againstNode));
    if (clang !== undefined) groups.push(groupOf(file, "clang -fsyntax-only", costs.ours, costs.clang, againstClang));
  }
  return groups;
}

/** @param {{ readonly title: string }} file @param {string} peer @param {readonly Cost[]} ours @param {readonly Cost[]} theirs @param {number} [goal] */
function groupOf({ title }, peer, ours, theirs, goal) {
  const rows = [row("check", wall(ours), wall(theirs), goal), ...cpuRow("check, CPU", ours, theirs)];
  return { title: `Command line: ${title}`, ours: "Hookpoint", peer, rows };
}

/** @param {readonly Cost[]} costs */
function wall(costs) {
  return median(costs.map((cost) => cost.wall));
}

/** @param {string} name @param {readonly Cost[]} ours @param {readonly Cost[]} peer */
function cpuRow(name, ours, peer) {
  const times = (/** @type {readonly Cost[]} */ costs) => costs.flatMap(({ cpu }) => (cpu === undefined ? [] : [cpu]));
  const mine = times(ours);
  return mine.length === 0 ? [] : [row(name, mean(mine), mean(times(peer)))];
}
