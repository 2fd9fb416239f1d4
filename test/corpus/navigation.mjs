// @ts-check
/**
 * Asks for definition, references, highlights and rename at every identifier of real files: `navigation.mjs [--files N] PATH…`.
 *
 * What refers to a thing must be found from the thing and from every other place that refers to it, in the file and its headers.
 * The exit code is 1 where that is not so, where something threw, or where one request of a hundred would be felt.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { lineAround, loadCore, ranked, share, sourcesOf } from "./corpus.mjs";

/** A request that takes longer is felt. */
const LIMIT_MS = 30;
const SHOWN = 8;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "string" }, unknown: { type: "boolean" } },
});
if (positionals.length === 0) {
  console.error("usage: navigation.mjs [--files N] [--unknown] PATH…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
/** @type {Map<string, number[]>} */
const times = new Map();
/** @type {string[]} */
const failures = [];
/** @type {string[]} */
const disagreements = [];
/** @type {{ name: string, line: string }[]} */
const unknown = [];
const counts = { words: 0, named: 0, defined: 0, local: 0, renamed: 0 };
const place = { kb, isOurs: () => true };

const all = await sourcesOf(core, positionals);
const sources = all.slice(0, Number(options.files ?? all.length));
for (const source of sources) {
  const { path, text } = source;
  const { model, lines, tree } = core.build(text, { headers: await core.headersOf(source) });
  tree.dispose();
  const file = { uri: `file://${path}`, text, lines, model };
  for (const found of text.matchAll(/[A-Za-z_]\w*/g)) ask(file, found[0], found.index);
}

/** @param {any} file @param {string} word @param {number} offset */
function ask(file, word, offset) {
  const { lines, model, uri } = file;
  counts.words++;
  const position = lines.positionAt(offset);
  const where = `${uri.slice(7)}:${position.line + 1}:${position.character + 1} ${word}`;
  const definitions = timed("definition", where, () => core.definition(file, position, new Map()));
  const highlights = timed("highlight", where, () => core.documentHighlights(file, position));
  const at = model.names.at(offset);
  if (at === undefined) {
    if (highlights !== null) disagreements.push(`${where}: highlighted, but no name`);
    return;
  }
  counts.named++;
  if (at.named.local !== undefined) counts.local++;
  const found = timed("references", where, () => core.references([file], at.named, true)) ?? [];
  const places = new Set(found.map(keyOf));
  if (at.named.name !== word) disagreements.push(`${where}: taken for ${at.named.name}`);
  if (!places.has(keyOf({ uri, range: at.range }))) disagreements.push(`${where}: not among its own references`);
  if (definitions?.length) counts.defined++;
  else if (at.named.local?.isWritten) disagreements.push(`${where}: a local without a definition`);
  else unknown.push({ name: word, line: lineAround(file.text, offset).trim() });
  for (const { uri: other, range } of definitions ?? []) {
    if (other !== uri) {
      if (!places.has(keyOf({ uri: other, range })) && model.names.made(at.named).length === 0)
        disagreements.push(`${where}: defined in a header at a place that is not among its references`);
      continue;
    }
    // What a macro makes has no word of its own.
    const from = model.names.at(lines.offsetAt(range.start));
    if (from === undefined || from.named.name !== word) {
      if (model.names.made(at.named).length === 0) disagreements.push(`${where}: its definition is no name`);
      continue;
    }
    const back = core.references([file], from.named, true).map(keyOf);
    if (back.length !== places.size || back.some((/** @type {string} */ one) => !places.has(one)))
      disagreements.push(`${where}: from its definition other places are found`);
  }
  timed("rename", where, () => {
    const asked = core.prepareRename(file, position, place);
    if ("problem" in asked) return;
    counts.renamed++;
    const made = core.rename([file], asked.named, "a_name_that_nobody_has", { annotates: false });
    const edits = Object.values(made.edit?.changes ?? {}).flat();
    if (edits.length !== places.size)
      disagreements.push(`${where}: renamed in ${edits.length} of ${places.size} places`);
  });
}

/** @template T @param {string} name @param {string} where @param {() => T} request @returns {T | undefined} */
function timed(name, where, request) {
  const start = performance.now();
  try {
    return request();
  } catch (error) {
    failures.push(`${where}: ${name}: ${error instanceof Error ? error.stack : error}`);
    return undefined;
  } finally {
    const list = times.get(name) ?? [];
    list.push(performance.now() - start);
    times.set(name, list);
  }
}

/** @param {any} location */
function keyOf({ uri, range: { start, end } }) {
  return `${uri}:${start.line}:${start.character}-${end.line}:${end.character}`;
}

let slow = false;
for (const [name, list] of times) {
  list.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => list[Math.min(list.length - 1, Math.floor(list.length * part))] ?? 0;
  slow ||= at(0.99) > LIMIT_MS;
  console.log(
    `${name}: ${list.length} asked, median ${at(0.5).toFixed(2)} ms, p99 ${at(0.99).toFixed(2)} ms, slowest ${at(1).toFixed(1)} ms`,
  );
}
console.log(
  `${sources.length} files, ${counts.words} words: ${counts.named} names, ${counts.local} of them local; ${share(counts.defined, counts.named)} defined in the file or its headers; ${counts.renamed} can be renamed`,
);
console.log(`${disagreements.length} disagreements, ${failures.length} exceptions`);
for (const one of [...disagreements.slice(0, SHOWN), ...failures.slice(0, SHOWN)]) console.log(`  ${one}`);
if (options.unknown === true) {
  for (const { name, members } of ranked(unknown, (one) => one.name).slice(0, 60))
    console.log(`  ${String(members.length).padStart(5)} ${name}: ${members[0]?.line}`);
}
process.exitCode = disagreements.length > 0 || failures.length > 0 || slow ? 1 : 0;
