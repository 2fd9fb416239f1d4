// @ts-check
/** The language server beside clangd on the same files, in turn, and its start beside that of bare Node. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NODE_IS_FAST_TO_START } from "./goals.mjs";
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
 * @property {number} documentationTurns
 * @property {(step: string) => void} progress
 */

/** @param {Setup} setup @returns {Promise<readonly Group[]>} */
export async function serverRows(setup) {
  const { files, pairs, helpers, hovers, documentationTurns, progress } = setup;
  const ours = ourServer(setup.dist);
  const peer = setup.clangd === undefined ? undefined : clangdServer(setup.clangd, setup.folder, setup.flags);
  const sides = [
    { program: ours, samples: files.map(emptySamples) },
    ...(peer === undefined ? [] : [{ program: peer, samples: files.map(emptySamples) }]),
  ];
  const floor = emptySamples();
  for (let pair = 0; pair < pairs; pair++) {
    for (const [i, file] of files.entries()) {
      progress(`servers: pair ${pair + 1} of ${pairs}, ${file.title}`);
      // Each goes first every second time.
      const order = pair % 2 === 0 ? sides : sides.toReversed();
      for (const { program, samples } of order) {
        add(samples[i], await measureSession(program, file, { helpers, hovers }));
      }
      add(floor, await bareNode());
    }
    if (pair >= documentationTurns) continue;
    for (const [i, file] of files.entries()) {
      for (const { program, samples } of sides) {
        const time = await measureDocumentation(program, file, helpers);
        if (time !== undefined) add(samples[i], { documentation: time });
      }
    }
  }
  const [mine, theirs] = sides.map(({ samples }) => samples);
  return [
    startGroup(mine ?? [], theirs, floor),
    ...files.map((file, i) => fileGroup(file, mine?.[i] ?? new Map(), theirs?.[i])),
  ];
}

/** @param {readonly Samples[]} mine @param {readonly Samples[] | undefined} theirs @param {Samples} floor @returns {Group} */
function startGroup(mine, theirs, floor) {
  const all = (/** @type {readonly Samples[] | undefined} */ sides, /** @type {string} */ name) =>
    sides?.flatMap((samples) => samples.get(name) ?? []);
  const goal = NODE_IS_FAST_TO_START ? 3 : 1.6;
  const start = all(mine, "start");
  return {
    title: "Start of the server, beside `node -e 0`; the last row beside clangd",
    ours: "Hookpoint",
    peer: "peer",
    rows: [
      ...medianRow("spawn → initialized", start, floor.get("wall"), goal),
      ...meanRow("spawn → initialized, CPU", all(mine, "start CPU"), floor.get("cpu")),
      ...(theirs === undefined ? [] : medianRow("spawn → initialized (clangd)", start, all(theirs, "start"))),
    ],
  };
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
      ...medianRow("didOpen → hover with documentation", ...both("documentation"), withVmlinux(1 / 60)),
      ...medianRow("hover p50", ...both("hover p50")),
      ...medianRow("hover p95", ...both("hover p95"), 1 / 2),
      ...medianRow("key → diagnostics p50", ...both("key p50"), 1 / 20),
      ...medianRow("key → diagnostics p95", ...both("key p95")),
      ...meanRow("key, CPU", ...both("key CPU"), 1 / 4),
      ...medianRow("include edit → right diagnostics", ...both("include edit"), withVmlinux(1 / 100)),
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
  return { command: process.execPath, args: [join(dist, "server/node.js"), "--stdio"] };
}

/** @param {string} clangd @param {string} folder @param {readonly string[]} flags @returns {ServerCommand} */
function clangdServer(clangd, folder, flags) {
  writeFileSync(join(folder, "compile_flags.txt"), `${flags.join("\n")}\n`);
  const args = ["--background-index=false", `--compile-commands-dir=${folder}`, "--log=error"];
  return { command: clangd, args };
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
