// @ts-check
/**
 * Puts half-typed lines into real files and counts what stays in the model:
 * `half-typed.mjs [--places N] [--seed N] [--lost] [--json FILE] DIR…`.
 *
 * Each kind of line is put alone, between two lines, at N random places of every file. The exit code is 1 when less than
 * 99 % of the programs and maps stay that do not hold the broken line themselves.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { loadCore, randomFrom, share, sourcesOf } from "./corpus.mjs";

/** @typedef {{ id: string, start: number, end: number }} Thing a program or a map */
/** @typedef {{ path: string, broken: string, line: number, id: string }} Loss */
/** @typedef {{ all: number, allKept: number, others: number, othersKept: number, invented: number, losses: Loss[] }} Tally */

const BROKEN_LINES = [
  "(",
  "{",
  "}",
  '"',
  'SEC("',
  "bpf_map_lookup_elem(&",
  "if (x ",
  "/*",
  "struct {",
  "->",
  "int BPF_PROG(",
  "__uint(",
  "for (;",
];
const GOAL = 0.99;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    places: { type: "string", default: "4" },
    seed: { type: "string", default: "1" },
    lost: { type: "boolean" },
    json: { type: "string" },
  },
});
if (positionals.length === 0) {
  console.error("usage: half-typed.mjs [--places N] [--seed N] [--lost] [--json FILE] DIR…");
  process.exit(2);
}

const core = await loadCore();
const random = randomFrom(Number(options.seed));
const sources = await sourcesOf(core, positionals);
/** @type {Map<string, Tally>} */
const tallies = new Map(BROKEN_LINES.map((broken) => [broken, emptyTally()]));
for (const source of sources) tryAll(source, await core.headersOf(source));
const total = [...tallies.values()].reduce(sum, emptyTally());
print();
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify([...tallies], null, 1)}\n`);
process.exitCode = total.othersKept >= GOAL * total.others ? 0 : 1;

/** @returns {Tally} */
function emptyTally() {
  return { all: 0, allKept: 0, others: 0, othersKept: 0, invented: 0, losses: [] };
}

/** @param {Tally} a @param {Tally} b @returns {Tally} */
function sum(a, b) {
  return {
    all: a.all + b.all,
    allKept: a.allKept + b.allKept,
    others: a.others + b.others,
    othersKept: a.othersKept + b.othersKept,
    invented: a.invented + b.invented,
    losses: [...a.losses, ...b.losses],
  };
}

/** @param {import("./corpus.mjs").Source} source @param {any} headers */
function tryAll({ path, text }, headers) {
  const things = thingsIn(text, headers);
  if (things.length === 0) return;
  const starts = [...text.matchAll(/^/gm)].map(({ index }) => index);
  for (const [broken, tally] of tallies) {
    for (let n = 0; n < Number(options.places); n++) {
      const line = Math.floor(random() * starts.length);
      const at = starts[line] ?? 0;
      // A line inside a macro's body breaks that macro, and with it everything that it makes.
      const isInMacro = /\\\r?\n$/.test(text.slice(0, at));
      const found = thingsIn(`${text.slice(0, at)}${broken}\n${text.slice(at)}`, headers);
      const lost = count(tally, things, found, isInMacro ? undefined : at);
      tally.losses.push(...lost.map((id) => ({ path, broken, line: line + 1, id })));
    }
  }
}

/** What was lost that does not hold the broken line. @param {Tally} tally @param {Thing[]} things @param {Thing[]} found @param {number | undefined} at */
function count(tally, things, found, at) {
  const left = found.map(({ id }) => id);
  const lost = [];
  for (const { id, start, end } of things) {
    const isOther = at !== undefined && (at <= start || at >= end);
    const index = left.indexOf(id);
    if (index !== -1) left.splice(index, 1);
    tally.all++;
    tally.others += Number(isOther);
    tally.allKept += Number(index !== -1);
    tally.othersKept += Number(isOther && index !== -1);
    if (isOther && index === -1) lost.push(id);
  }
  tally.invented += left.length;
  return lost;
}

/** @param {string} text @param {any} headers @returns {Thing[]} */
function thingsIn(text, headers) {
  const { model, lines, tree } = core.build(text, { headers });
  tree.dispose();
  const thing = (/** @type {string} */ id, /** @type {any} */ range) => ({
    id,
    start: lines.offsetAt(range.start),
    end: lines.offsetAt(range.end),
  });
  return [
    ...model.programs.map((/** @type {any} */ p) => thing(`program ${p.name} ${p.section.name}`, p.range)),
    ...model.maps.map((/** @type {any} */ m) => thing(`map ${m.name}`, m.range)),
  ];
}

function print() {
  console.log(`${sources.length} files; programs and maps that stay: all | those that do not hold the broken line`);
  for (const [broken, tally] of [...tallies, /** @type {const} */ (["total", total])]) {
    const { all, allKept, others, othersKept, invented } = tally;
    console.log(`${broken.padEnd(22)} ${share(allKept, all)} | ${share(othersKept, others)}; ${invented} made up`);
  }
  if (options.lost)
    for (const { path, line, broken, id } of total.losses) console.log(`  LOST ${path}:${line}: \`${broken}\` ${id}`);
}
