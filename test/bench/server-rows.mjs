// @ts-check
/** The language server beside clangd on the same files, in turn, and its start beside that of bare Node. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NODE_IS_FAST_TO_START } from "./goals.mjs";
import { includingFile, measureIncludes } from "./includes.mjs";
import { timeProcess } from "./processes.mjs";
import { medianRow, row } from "./rows.mjs";
import { measureDocumentation, measureSession } from "./session.mjs";
import { mean } from "./statistics.mjs";

/**
 * @typedef {import("./rows.mjs").Group} Group
 * @typedef {import("./files.mjs").BenchFile} BenchFile
 * @typedef {import("./session.mjs").ServerCommand} ServerCommand
 * @typedef {Map<string, number[]>} Samples
 *
 * @typedef {object} Setup
 * @property {readonly BenchFile[]} files
 * @property {string} folder
 * @property {string} dist
 * @property {string | undefined} clangd
 * @property {readonly string[]} flags
 * @property {ReadonlySet<string>} helpers
 * @property {number} pairs
 * @property {number} hovers
 * @property {number} headerEdits of each kind in one session; an even number
 * @property {(step: string) => void} progress
 * @property {(note: string) => void} note
 */

/** @param {Setup} setup @returns {Promise<readonly Group[]>} */
export async function serverRows(setup) {
  const { files, pairs, progress } = setup;
  const ours = ourServer(setup.dist);
  const peer = setup.clangd === undefined ? undefined : clangdServer(setup.clangd, setup.folder, setup.flags);
  const sides = [ours, ...(peer === undefined ? [] : [peer])].map((program) => ({
    program,
    samples: files.map(emptySamples),
  }));
  const floor = emptySamples();
  for (let pair = 0; pair < pairs; pair++) {
    for (const [i, file] of files.entries()) {
      progress(`servers: pair ${pair + 1} of ${pairs}, ${file.title}`);
      // Each goes first every second time, in each of the things that are measured.
      const order = pair % 2 === 0 ? sides : sides.toReversed();
      for (const measure of measurements(setup, file, i)) {
        for (const { program, samples } of order) add(samples[i], await measure(program));
      }
      add(floor, await bareNode());
    }
  }
  const [mine = [], theirs] = sides.map(({ samples }) => samples);
  noteErrors(setup, theirs);
  return [
    ...startGroups(mine, theirs, floor),
    ...files.map((file, i) => fileGroup(file, mine[i] ?? new Map(), theirs?.[i])),
  ];
}

/**
 * What is measured with one file. Each starts a server of its own.
 * @param {Setup} setup
 * @param {BenchFile} file
 * @param {number} i
 * @returns {readonly ((program: ServerCommand) => Promise<Readonly<Record<string, number>>>)[]}
 */
function measurements({ folder, helpers, hovers, headerEdits }, file, i) {
  const including = includingFile(join(folder, `including-${i}`), file);
  return [
    (program) => measureSession(program, file, { helpers, hovers }),
    async (program) => {
      const time = await measureDocumentation(program, file, helpers);
      return time === undefined ? {} : { documentation: time };
    },
    (program) => measureIncludes(program, including, headerEdits),
  ];
}

/** A server that does not understand a file is quick with it. @param {Setup} setup @param {readonly Samples[] | undefined} theirs */
function noteErrors({ files, note }, theirs) {
  for (const [i, { title }] of files.entries()) {
    const errors = Math.max(0, ...(theirs?.[i]?.get("errors") ?? []));
    if (errors > 0) note(`clangd finds ${errors} errors in ${title}: it lacks headers, and its times mean little.`);
  }
}

/** @param {readonly Samples[]} mine @param {readonly Samples[] | undefined} theirs @param {Samples} floor @returns {readonly Group[]} */
function startGroups(mine, theirs, floor) {
  const all = (/** @type {readonly Samples[] | undefined} */ sides, /** @type {string} */ name) =>
    sides?.flatMap((samples) => samples.get(name) ?? []);
  const goal = NODE_IS_FAST_TO_START ? 3 : 1.6;
  const start = all(mine, "start");
  const cpu = all(mine, "start CPU");
  const besideNode = {
    title: "Start of the server, beside bare Node",
    ours: "Hookpoint",
    peer: "node -e 0",
    rows: [
      ...medianRow("spawn → initialized", start, floor.get("wall"), goal),
      ...meanRow("spawn → initialized, CPU", cpu, floor.get("cpu")),
    ],
  };
  if (theirs === undefined) return [besideNode];
  const besideClangd = {
    title: "Start of the server",
    ours: "Hookpoint",
    peer: "clangd",
    rows: [
      ...medianRow("spawn → initialized", start, all(theirs, "start")),
      ...meanRow("spawn → initialized, CPU", cpu, all(theirs, "start CPU")),
    ],
  };
  return [besideNode, besideClangd];
}

/** @param {BenchFile} file @param {Samples} mine @param {Samples | undefined} theirs @returns {Group} */
function fileGroup({ title, usesVmlinux }, mine, theirs) {
  const both = (/** @type {string} */ name) => /** @type {const} */ ([mine.get(name), theirs?.get(name)]);
  // Without vmlinux.h clangd has little to read, and no goal was set.
  const withVmlinux = (/** @type {number} */ goal) => (usesVmlinux ? goal : undefined);
  return {
    title: `Server: ${title}`,
    ours: "Hookpoint",
    peer: "clangd",
    rows: [
      ...medianRow("spawn → first diagnostics", ...both("spawn to diagnostics"), withVmlinux(1 / 4)),
      ...meanRow("spawn → first diagnostics, CPU", ...both("spawn to diagnostics CPU")),
      ...medianRow("didOpen → diagnostics, 1st file", ...both("first file"), withVmlinux(1 / 10)),
      ...medianRow("didOpen → diagnostics, 2nd file", ...both("second file"), withVmlinux(1 / 60)),
      ...medianRow("didOpen → last diagnostics, 2nd file", ...both("second file, whole")),
      ...medianRow("didOpen → hover with documentation", ...both("documentation"), withVmlinux(1 / 60)),
      ...medianRow("hover p50", ...both("hover p50")),
      ...medianRow("hover p95", ...both("hover p95"), 1 / 2),
      ...medianRow("key → completion p50", ...both("completion p50"), withVmlinux(1 / 5)),
      ...medianRow("key → completion p95", ...both("completion p95"), withVmlinux(1 / 5)),
      ...medianRow("key → diagnostics p50", ...both("key p50"), 1 / 20),
      ...medianRow("key → diagnostics p95", ...both("key p95")),
      ...meanRow("key, CPU", ...both("key CPU"), 1 / 4),
      ...medianRow("header changes on disk → right diagnostics", ...both("header on disk"), withVmlinux(1 / 100)),
      ...medianRow("header typed in → right diagnostics ¹", ...both("header typed"), withVmlinux(1 / 100)),
      ...medianRow("include taken out → right diagnostics", ...both("include taken out"), withVmlinux(1 / 100)),
      ...medianRow("memory, three files open", ...both("memory"), withVmlinux(1 / 6), "MB"),
    ],
  };
}

/**
 * CPU times come in ticks of 10 ms, so their mean says more than their median.
 * @param {string} name
 * @param {readonly number[] | undefined} ours
 * @param {readonly number[] | undefined} peer
 * @param {number} [goal]
 */
function meanRow(name, ours, peer, goal) {
  if (ours === undefined || ours.length === 0) return [];
  return [row(name, mean(ours), peer === undefined || peer.length === 0 ? undefined : mean(peer), goal)];
}

/** @param {string} dist @returns {ServerCommand} */
function ourServer(dist) {
  const args = [join(dist, "server/node.js"), "--stdio"];
  return { command: process.execPath, args, readsUnsavedHeaders: true };
}

/** @param {string} clangd @param {string} folder @param {readonly string[]} flags @returns {ServerCommand} */
function clangdServer(clangd, folder, flags) {
  writeFileSync(join(folder, "compile_flags.txt"), `${flags.join("\n")}\n`);
  const args = ["--background-index=false", `--compile-commands-dir=${folder}`, "--log=error"];
  return { command: clangd, args, readsUnsavedHeaders: false };
}

async function bareNode() {
  const { wall, cpu } = await timeProcess(process.execPath, ["-e", "0"]);
  return cpu === undefined ? { wall } : { wall, cpu };
}

/** @returns {Samples} */
function emptySamples() {
  return new Map();
}

/** @param {Samples | undefined} samples @param {Readonly<Record<string, number>>} taken */
function add(samples, taken) {
  for (const [name, value] of Object.entries(taken)) samples?.set(name, [...(samples.get(name) ?? []), value]);
}
