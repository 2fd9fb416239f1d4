// @ts-check
/**
 * Compares the core's model with what clang compiles: `truth.mjs [--include DIR]… [--flag=FLAG]… FILE|DIR…`.
 *
 * Programs are function symbols with their sections, maps come from BTF. A disagreement is only what the file itself
 * decides: what another file defines, what a false `#if` hides and what clang drops is counted apart.
 *
 * Also: --objects DIR (where answers are remembered), --clang NAME, --unknown (list what the model does not know),
 * --failed (list files that do not compile), --json FILE. The exit code is 1 when there is a disagreement.
 */

import { writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadCore, ranked, share, sourcesOf } from "./corpus.mjs";
import { compiledLines, truthOf, writeVmlinux } from "./object.mjs";

/** @typedef {import("./corpus.mjs").Source} Source */
/** @typedef {import("./object.mjs").Truth} Truth */
/** @typedef {import("./object.mjs").TrueMap} TrueMap */
/** @typedef {import("./object.mjs").Setup} Setup */
/** @typedef {{ path: string, what: string, name: string, outcome: string, detail: string, lines?: readonly [number, number] }} Verdict */

const FIELDS = /** @type {const} */ (["type", "keySize", "valueSize", "maxEntries"]);
/** Outcomes that are nobody's mistake. */
const EXPLAINED = new Set(["equal", "from a header", "not compiled here", "dropped by clang"]);
/** What the model says nothing about: listed on request. */
const UNKNOWN = new Set(["unknown", "in an unread header"]);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    include: { type: "string", multiple: true, default: [] },
    flag: { type: "string", multiple: true, default: [] },
    objects: { type: "string", default: join(tmpdir(), "hookpoint-truth") },
    clang: { type: "string", default: "clang-19" },
    unknown: { type: "boolean" },
    failed: { type: "boolean" },
    json: { type: "string" },
  },
});
if (positionals.length === 0) {
  console.error("usage: truth.mjs [--include DIR]… [--flag=FLAG]… [--objects DIR] [--unknown] [--failed] FILE|DIR…");
  process.exit(2);
}

const core = await loadCore();
const mapTypes = mapTypeNumbers(await writeVmlinux(options.objects));
/** @type {Setup} */
const setup = {
  clang: options.clang,
  includes: options.include.map((folder) => resolve(folder)),
  flags: options.flag,
  folder: resolve(options.objects),
};
const sources = (
  await sourcesOf(
    core,
    positionals.map((place) => resolve(place)),
  )
).filter(({ path }) => path.endsWith(".c"));
const results = await inParallel(sources, async (source) => {
  const result = await truthOf(setup, source.path, source.text);
  if ("failure" in result) return { path: source.path, failure: result.failure, verdicts: [] };
  return { path: source.path, failure: undefined, verdicts: await compare(source, result.truth) };
});
print(results);
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
process.exitCode = results.some(({ verdicts }) => verdicts.some(isDisagreement)) ? 1 : 0;

/** @param {string} vmlinux @returns {ReadonlyMap<string, number>} */
function mapTypeNumbers(vmlinux) {
  const body = /enum bpf_map_type \{([^}]*)\}/.exec(vmlinux)?.[1] ?? "";
  return new Map([...body.matchAll(/(\w+) = (\d+)/g)].map(([, name, value]) => [name ?? "", Number(value)]));
}

/** @template T, R @param {T[]} items @param {(item: T) => Promise<R>} work @returns {Promise<R[]>} */
async function inParallel(items, work) {
  /** @type {R[]} */
  const done = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) done[i] = await work(/** @type {T} */ (items[i]));
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return done;
}

/** @param {Source} source @param {Truth} truth @returns {Promise<Verdict[]>} */
async function compare(source, truth) {
  const { path, text } = source;
  const { model, tree } = core.build(text, { headers: await core.headersOf(source) });
  tree.dispose();
  const verdicts = [...comparePrograms(path, model, truth), ...compareMaps(path, model, truth)];
  if (verdicts.every(({ outcome }) => outcome !== "extra")) return verdicts;
  const compiled = await compiledLines(setup, path);
  return verdicts.map((verdict) => (verdict.outcome === "extra" ? explainExtra(verdict, compiled, text) : verdict));
}

/** @param {string} path @param {any} model @param {Truth} truth @returns {Verdict[]} */
function comparePrograms(path, { programs: ours, outside }, { programs }) {
  const verdict = (/** @type {string} */ name, /** @type {string} */ outcome, detail = "") => ({
    path,
    what: "program",
    name,
    outcome,
    detail,
  });
  const rest = new Set(ours);
  const verdicts = programs.map(({ name, section, place }) => {
    const score = (/** @type {any} */ ours) => Number(ours.section.name === section) + 2 * Number(isAt(ours, place));
    const same = [...rest].filter((program) => program.name === name);
    const match = best(same, score);
    if (match === undefined) return absent("program", path, outside.programs, name, place, section);
    rest.delete(match);
    if (match.section.name === undefined) return verdict(name, "section unknown", section);
    if (match.section.name !== section)
      return verdict(name, "section differs", `${match.section.name}, truly ${section}`);
    return placed(verdict(name, "equal"), match.nameRange, place);
  });
  return [...verdicts, ...extras("program", path, rest)];
}

/**
 * What this file's own text does not hold, whether it should or not.
 *
 * @param {string} what @param {string} path @param {any[]} outside @param {string} name
 * @param {import("./object.mjs").Place} place @param {string} detail
 */
function absent(what, path, outside, name, place, detail) {
  const elsewhere = place !== undefined && resolve(place.file) !== path;
  const known = outside.some((known) => known.name === name) ? "from a header" : "in an unread header";
  const where = place === undefined ? "" : `${elsewhere ? place.file : ""}:${place.line} `;
  return { path, what, name, outcome: elsewhere ? known : "missing", detail: where + detail };
}

/** An equal verdict holds only if the name stands on the line that debug information says. @param {Verdict} verdict @param {any} range @param {import("./object.mjs").Place} place */
function placed(verdict, range, place) {
  if (place === undefined || place.file !== verdict.path || isAt({ nameRange: range }, place)) return verdict;
  return { ...verdict, outcome: "line differs", detail: `${range.start.line + 1}, truly ${place.line}` };
}

/** @param {string} path @param {any} model @param {Truth} truth @returns {Verdict[]} */
function compareMaps(path, { maps: ours, outside }, { maps }) {
  const rest = new Set(ours);
  const verdicts = maps.flatMap((map) => {
    const score = (/** @type {any} */ ours) =>
      FIELDS.filter((field) => (numberOf(ours, field) ?? 0) === map[field]).length + 5 * Number(isAt(ours, map.place));
    const same = [...rest].filter(({ name }) => name === map.name);
    const match = best(same, score);
    const fields = (/** @type {any} */ found) => FIELDS.map((field) => compareField(path, found, map, field));
    if (match === undefined) {
      const header = outside.maps.filter((/** @type {any} */ { name }) => name === map.name);
      const known = best(header, score);
      return [absent("map", path, header, map.name, map.place, ""), ...(known === undefined ? [] : fields(known))];
    }
    rest.delete(match);
    const equal = { path, what: "map", name: map.name, outcome: "equal", detail: "" };
    return [placed(equal, match.nameRange, map.place), ...fields(match)];
  });
  return [...verdicts, ...extras("map", path, rest)];
}

/** @param {string} what @param {string} path @param {Iterable<any>} rest @returns {Verdict[]} */
function extras(what, path, rest) {
  return [...rest].map(({ name, section, range, nameRange }) => {
    const lines = /** @type {const} */ ([range.start.line + 1, nameRange.end.line + 1]);
    return { path, what, name, outcome: "extra", detail: `:${lines[1]} ${section?.name}`, lines };
  });
}

/** Of several definitions of one name, one for each `#if`, that which fits best. @template T @param {T[]} candidates @param {(candidate: T) => number} score */
function best(candidates, score) {
  return candidates.sort((a, b) => score(b) - score(a))[0];
}

/** @param {any} ours @param {import("./object.mjs").Place} place */
function isAt({ nameRange }, place) {
  return nameRange !== undefined && nameRange.start.line + 1 === place?.line;
}

/** @param {string} path @param {any} ours @param {TrueMap} map @param {(typeof FIELDS)[number]} field @returns {Verdict} */
function compareField(path, ours, map, field) {
  const value = numberOf(ours, field);
  const truly = map[field];
  const outcome =
    value === truly || (value === undefined && truly === 0) ? "equal" : value === undefined ? "unknown" : "different";
  const detail = outcome === "equal" ? "" : `${writtenAs(ours, field)}${value ?? "unknown"}, truly ${truly}`;
  return { path, what: field, name: map.name, outcome, detail };
}

/** @param {any} map @param {(typeof FIELDS)[number]} field @returns {number | undefined} */
function numberOf(map, field) {
  const value = map[field];
  if (field !== "type" || value === undefined || typeof value === "number") return value;
  return mapTypes.get(value) ?? (/^(?:0x[\da-f]+|\d+)$/i.test(value) ? Number(value) : undefined);
}

/** @param {any} map @param {(typeof FIELDS)[number]} field */
function writtenAs(map, field) {
  const names = {
    type: ["type"],
    keySize: ["key", "key_size"],
    valueSize: ["value", "value_size", "values"],
    maxEntries: ["max_entries"],
  };
  const attribute = map.attributes?.find((/** @type {any} */ { name }) => names[field].includes(name));
  return attribute === undefined ? "" : `\`${attribute.name}: ${attribute.value.replace(/\s+/g, " ").slice(0, 60)}\` `;
}

/** Why the model has what the object has not. @param {Verdict} verdict @param {Set<number>} compiled @param {string} text */
function explainExtra(verdict, compiled, text) {
  const [first, last] = verdict.lines ?? [0, 0];
  const numbers = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  if (!numbers.some((line) => compiled.has(line))) return { ...verdict, outcome: "not compiled here" };
  const head = text
    .split("\n")
    .slice(first - 1, last)
    .join(" ");
  // `SEC` holds `__used__`, without which clang drops what nothing calls.
  return /\bstatic\b/.test(head) && !/\bSEC\b/.test(head) ? { ...verdict, outcome: "dropped by clang" } : verdict;
}

/** @param {Pick<Verdict, "outcome">} verdict */
function isDisagreement({ outcome }) {
  return !EXPLAINED.has(outcome) && !UNKNOWN.has(outcome);
}

/** @param {{ path: string, failure: string | undefined, verdicts: Verdict[] }[]} results */
function print(results) {
  const failed = results.filter(({ failure }) => failure !== undefined);
  const verdicts = results.flatMap((result) => result.verdicts);
  console.log(`${share(results.length - failed.length, results.length)} files compile`);
  for (const { name, members } of ranked(failed, ({ failure }) => (failure ?? "").replace(/^.*?error: /, "")).slice(
    0,
    options.failed ? Infinity : 5,
  ))
    console.log(`  ${String(members.length).padStart(4)}  ${name}`);
  if (options.failed) for (const { path, failure } of failed) console.log(`  FAILED ${path}: ${failure}`);
  for (const what of ["program", "map", ...FIELDS]) {
    const mine = verdicts.filter((verdict) => verdict.what === what);
    const counts = ranked(mine, ({ outcome }) => outcome).map(({ name, members }) => `${members.length} ${name}`);
    console.log(`${what.padEnd(11)} ${counts.join(", ")}`);
  }
  const shown = verdicts.filter((verdict) =>
    options.unknown ? !EXPLAINED.has(verdict.outcome) : isDisagreement(verdict),
  );
  const groups = ranked(shown, ({ what, name, outcome, detail }) => `${what} ${outcome}: ${name} ${detail}`);
  for (const { name, members } of groups) {
    const more = members.length === 1 ? "" : ` and ${members.length - 1} more files`;
    console.log(`  ${name}\n    ${members[0]?.path}${more}`);
  }
}
