// @ts-check
/**
 * Breaks programs that work: `mutations.mjs --loader FILE [--flag FLAG]… [--only NAME]… [--seed N] [--limit N] [--keep DIR] PATH…`.
 *
 * One mistake at a time is put into a file whose programs load. It must be found, nothing else may be found with it, and
 * the fixes must bring the text back, or one that builds and loads. What is not found is built, because it may do no harm.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { builder, HEAVY } from "./building.mjs";
import { loadCore, randomFrom, sourcesOf } from "./corpus.mjs";
import { MISTAKES } from "./mistakes.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    loader: { type: "string" },
    flag: { type: "string", multiple: true },
    only: { type: "string", multiple: true },
    seed: { type: "string", default: "1" },
    limit: { type: "string", default: "40" },
    keep: { type: "string" },
  },
});
const { loader, keep } = options;
if (positionals.length === 0 || loader === undefined) {
  console.error(
    "usage: mutations.mjs --loader FILE [--flag FLAG]… [--only NAME]… [--seed N] [--limit N] [--keep DIR] PATH…",
  );
  process.exit(2);
}
const ROUNDS = 10;

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const { build, load, dispose } = builder({ loader, flags: options.flag ?? [] });
if (keep !== undefined) await mkdir(keep, { recursive: true });
const random = randomFrom(Number(options.seed));
const mistakes = MISTAKES.filter(({ name }) => options.only?.includes(name) ?? true);

/** @typedef {import("./corpus.mjs").Source} Source */
/** @typedef {import("./mistakes.mjs").Mistake} Mistake */
/** @typedef {{ source: Source, programs: import("./building.mjs").Programs, findings: any[], fixed: string }} Base */
/** @type {Map<string, Map<string, number>>} */
const counts = new Map(mistakes.map(({ name }) => [name, new Map()]));
/** @type {string[]} */
const remarks = [];
let files = 0;
for (const source of shuffled(
  (await sourcesOf(core, positionals)).filter(({ path }) => path.endsWith(".c") && !HEAVY.test(path)),
)) {
  if (files >= Number(options.limit)) break;
  const programs = await tryOut(source, source.text);
  if (programs === undefined || ![...programs.values()].includes(0)) continue;
  files++;
  const findings = await findingsIn(source, source.text);
  const base = { source, programs, findings, fixed: await fixed(source, source.text, isSafe) };
  for (const mistake of mistakes) await look(base, mistake);
}
dispose();
for (const remark of remarks.sort()) console.log(remark);
console.log();
for (const [name, outcomes] of counts)
  console.log(`${name}: ${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ") || "no place"}`);
console.log(`${files} files`);

/** @param {Base} base @param {Mistake} mistake */
async function look(base, mistake) {
  const { source } = base;
  const text = withMistake(source.text, mistake);
  if (text === undefined) return;
  const say = async (/** @type {string} */ what) => {
    remarks.push(`${mistake.name}: ${what}: ${source.path}:${lineOfChange(source.text, text)}`);
    if (keep !== undefined)
      await writeFile(join(keep, `${mistake.name.replace(/\W+/g, "-")}-${basename(source.path)}`), text);
  };
  const before = new Set(base.findings.map(keyOf));
  const found = (await findingsIn(source, text)).filter((finding) => !before.has(keyOf(finding)));
  const expected = found.filter(({ rule }) => mistake.by.includes(rule.id));
  for (const { rule, range, message } of found)
    if (!mistake.by.includes(rule.id) && !mistake.also.includes(rule.id))
      await say(`ALSO FOUND ${rule.id} at ${range.start.line + 1}: ${message}`);
  if (expected.length === 0) {
    const harmless = await worksAs(base, text);
    count(mistake, harmless ? "harmless" : "missed");
    if (!harmless) await say("NOT FOUND");
    return;
  }
  const outcome = await outcomeOf(base, text, mistake);
  count(mistake, outcome);
  if (/BROKEN/.test(outcome)) await say(outcome);
}

/** @param {Base} base @param {string} text @param {Mistake} mistake */
async function outcomeOf(base, text, { by }) {
  const { source } = base;
  const safe = await fixed(source, text, isSafe);
  if (safe === source.text || safe === base.fixed) return "restored";
  if (safe !== text && (await worksAs(base, safe))) return "works when fixed";
  const all = await fixed(source, safe, ({ rule }) => by.includes(rule.id));
  if (all === source.text || all === base.fixed) return "restored unsafely";
  if (all === safe) return "found, not fixed";
  if (await worksAs(base, all)) return "works when fixed unsafely";
  return safe === text ? "BROKEN by what is unsafe" : "BROKEN";
}

/** @param {string} text @param {Mistake} mistake @returns {string | undefined} */
function withMistake(text, { find, put }) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "));
  const places = [...code.matchAll(find)];
  const place = places[Math.floor(random() * places.length)];
  if (place === undefined) return undefined;
  const { index } = place;
  // `put` may speak of the groups, so the pattern is asked again at that very place.
  const once = new RegExp(find.source, `${find.flags.replace("g", "")}y`);
  once.lastIndex = index;
  const changed = typeof put === "string" ? text.replace(once, put) : text.replace(once, put);
  return changed === text ? undefined : changed;
}

/** @param {Source} source @param {string} text @returns {Promise<any[]>} */
async function findingsIn(source, text) {
  const { model, tree } = core.build(text, { headers: await core.headersOf({ ...source, text }) });
  const findings = core.lint({ model, kb, targets: [], loader: "libbpf", arch: "" });
  tree.dispose();
  return findings;
}

/** @param {Source} source @param {string} text @param {(finding: any) => boolean} wanted */
async function fixed(source, text, wanted) {
  let now = text;
  for (let round = 0; round < ROUNDS; round++) {
    const findings = (await findingsIn(source, now)).filter(wanted);
    const next = core.applyFixes(now, findings, { unsafe: true }).text;
    if (next === now) break;
    now = next;
  }
  return now;
}

/** @param {any} finding */
function isSafe({ fixes, rule }) {
  const [fix] = fixes ?? [];
  return fix !== undefined && (fix.safety ?? (rule.fix === "safe" ? "safe" : "unsafe")) === "safe";
}

/** A finding, wherever it stands now. @param {any} finding */
function keyOf({ rule, message }) {
  return `${rule.id} ${message}`;
}

/** @param {Source} source @param {string} text */
async function tryOut({ path }, text) {
  const { object } = await build(path, text);
  return object === undefined ? undefined : load(object);
}

/** @param {Base} base @param {string} text */
async function worksAs({ source, programs }, text) {
  const now = await tryOut(source, text);
  return now !== undefined && [...programs].every(([name, error]) => error !== 0 || now.get(name) === 0);
}

/** @param {Mistake} mistake @param {string} outcome */
function count({ name }, outcome) {
  const outcomes = counts.get(name);
  outcomes?.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** @param {string} before @param {string} after */
function lineOfChange(before, after) {
  let at = 0;
  while (before[at] === after[at]) at++;
  return before.slice(0, at).split("\n").length;
}

/** @template T @param {readonly T[]} items */
function shuffled(items) {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
