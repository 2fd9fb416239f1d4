// @ts-check
/** `hookpoint check` of a whole folder beside clang on each of its files, by the time that processors spend. */

import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { timeProcess } from "./processes.mjs";
import { row } from "./rows.mjs";
import { mean } from "./statistics.mjs";

/** Of what clang needs. */
const GOAL = 1 / 25;
/** Ours is run as often, spread over clang's files: the machine may be quick now and slow later. */
const TURNS = 5;

/**
 * @typedef {object} Setup
 * @property {readonly string[]} folders
 * @property {string} dist
 * @property {string | undefined} clang
 * @property {readonly string[]} flags
 * @property {(step: string) => void} progress
 */

/** @param {Setup} setup @returns {Promise<readonly import("./rows.mjs").Group[]>} */
export async function folderRows({ folders, dist, clang, flags, progress }) {
  if (clang === undefined) return [];
  const groups = [];
  for (const given of folders) {
    const folder = resolve(given);
    const all = readdirSync(folder).filter((name) => name.endsWith(".c"));
    // Where they are called so, the others are user space.
    const named = all.filter((name) => name.endsWith(".bpf.c"));
    const files = named.length > 0 ? named : all;
    const checked = files.map((name) => join(folder, name));
    /** @type {number[]} */
    const ours = [];
    let theirs = 0;
    for (let turn = 0; turn < TURNS; turn++) {
      progress(`${basename(folder)}: turn ${turn + 1} of ${TURNS}`);
      ours.push(await cpu(process.execPath, [join(dist, "server/cli.js"), "check", "--jobs", "1", ...checked], [0, 1]));
      // What does not compile there costs clang less, so it is no advantage for us.
      for (const file of checked.filter((_, i) => i % TURNS === turn))
        theirs += await cpu(clang, [...flags, "-w", "-fsyntax-only", file], [0, 1]);
    }
    const rows = [row("check, CPU", mean(ours), theirs, GOAL)];
    groups.push({
      title: `Folder ${basename(folder)}: ${files.length} files`,
      ours: "Hookpoint",
      peer: "clang -fsyntax-only",
      rows,
    });
  }
  return groups;
}

/** @param {string} command @param {readonly string[]} args @param {readonly number[]} expected */
async function cpu(command, args, expected) {
  return (await timeProcess(command, args, expected)).cpu ?? Number.NaN;
}
