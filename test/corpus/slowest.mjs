// @ts-check
/**
 * How long walking through programs takes: `slowest.mjs [--top N] [--limit MS] PATH…`.
 *
 * Every program of real files is walked through, and the slowest files again and again, until nothing about them is new to
 * the machine. The slowest are named with their times on the processor, which others on the machine lengthen little, and so
 * are the programs of which some ways were given up. The exit code is 1 when a program takes longer than the limit.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, share, sourcesOf } from "./corpus.mjs";

/** @typedef {{ place: string, ms: number, isComplete: boolean }} Walked */

const ROUNDS = 5;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { top: { type: "string", default: "10" }, limit: { type: "string", default: "5" } },
});
if (positionals.length === 0) {
  console.error("usage: slowest.mjs [--top N] [--limit MS] PATH…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const top = Number(options.top);
/** @type {Walked[]} */
let walked = [];
const { run } = core.Walker.prototype;
core.Walker.prototype.run = timedRun;

const sources = await sourcesOf(core, positionals);
/** @type {{ source: import("./corpus.mjs").Source, all: Walked[], ms: number }[]} */
const files = [];
for (const source of sources) files.push({ source, ...(await walkThrough(source)) });
const slowest = files.sort((a, b) => b.ms - a.ms).slice(0, 3 * top);
for (const file of slowest)
  for (let round = 0; round < ROUNDS; round++) {
    const { all } = await walkThrough(file.source);
    file.all.forEach((one, i) => {
      one.ms = Math.min(one.ms, all[i]?.ms ?? one.ms);
    });
    file.ms = sum(file.all);
  }

const all = files.flatMap((file) => file.all);
const lost = all.filter(({ isComplete }) => !isComplete);
console.log(`given up on some ways: ${share(lost.length, all.length)} programs and functions`);
for (const { place, ms } of lost.sort((a, b) => b.ms - a.ms).slice(0, top))
  console.log(`  ${ms.toFixed(1)} ms ${place}`);
console.log("\nslowest files:");
for (const { source, ms } of slowest.sort((a, b) => b.ms - a.ms).slice(0, top))
  console.log(`  ${ms.toFixed(1)} ms ${source.path}`);
console.log("\nslowest programs:");
const slow = slowest.flatMap((file) => file.all).sort((a, b) => b.ms - a.ms);
for (const { place, ms } of slow.slice(0, top)) console.log(`  ${ms.toFixed(1)} ms ${place}`);
console.log(`\n${sources.length} files, ${all.length} programs and functions in ${sum(all).toFixed(0)} ms`);
process.exitCode = (slow[0]?.ms ?? 0) > Number(options.limit) ? 1 : 0;

/** @param {import("./corpus.mjs").Source} source */
async function walkThrough(source) {
  const { model, tree } = core.build(source.text, { headers: await core.headersOf(source) });
  walked = [];
  core.flowOf({ model, kb, loader: "libbpf" });
  tree.dispose();
  return { all: walked.map((one) => ({ ...one, place: `${source.path}: ${one.place}` })), ms: sum(walked) };
}

/** @this {any} @param {unknown} args */
function timedRun(args) {
  const started = process.cpuUsage();
  run.call(this, args);
  const { user, system } = process.cpuUsage(started);
  const ms = (user + system) / 1000;
  walked.push({ place: this.root.routine.name, ms, isComplete: this.isComplete });
}

/** @param {readonly { ms: number }[]} times */
function sum(times) {
  return times.reduce((total, { ms }) => total + ms, 0);
}
