// @ts-check
/** Finds the BPF C files of any folders and reads them with the core, for every tool of this folder. */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { load } from "../../server/tools/load.mjs";
import { grammarBytes } from "./core.mjs";

/** @typedef {{ path: string, text: string }} Source */
/** @typedef {{ sources: Source[], files: number, vmlinux: number, large: number }} Corpus */
/** @typedef {{ start: number, end: number }} Span */

/**
 * The core with its parser loaded. `build` gives what `buildModel` gives, and whoever builds disposes of `tree`;
 * `headersOf` follows the includes of a file on disk.
 */
export async function loadCore() {
  const core = await load("test/corpus/entry.ts");
  const syntax = await core.loadSyntax(await grammarBytes());
  const readText = async (/** @type {string} */ uri, limit = Number.POSITIVE_INFINITY) => {
    const path = fileURLToPath(uri);
    const size = await stat(path).then(
      (info) => info.size,
      () => Number.POSITIVE_INFINITY,
    );
    return size <= limit ? readFile(path, "utf8").catch(() => undefined) : undefined;
  };
  const headers = core.headerFollower({ readText });
  return {
    ...core,
    build: (/** @type {string} */ text, /** @type {{ previous?: any, headers?: any }} */ options) =>
      core.buildModel(text, syntax, options),
    headersOf: async (/** @type {Source} */ { path, text }) => {
      const uri = pathToFileURL(path).href;
      const found = await headers.follow(uri, text);
      headers.forget(uri);
      return found;
    },
  };
}

/** The BPF C files of a folder, or a file itself, sorted by path. @param {any} core @param {string} place */
export async function corpusOf(core, place) {
  const paths = (await stat(place)).isFile() ? [place] : await filesBelow(place);
  /** @type {Corpus} */
  const corpus = { sources: [], files: paths.length, vmlinux: 0, large: 0 };
  for (const path of paths) {
    if (/^vmlinux.*\.h$/.test(basename(path))) {
      corpus.vmlinux++;
    } else if ((await stat(path)).size > core.MAX_LENGTH) {
      corpus.large++;
    } else {
      const text = await readFile(path, "utf8");
      if (core.isBpfSource(path, text)) corpus.sources.push({ path, text });
    }
  }
  return corpus;
}

/** The sources of several places as one list. @param {any} core @param {string[]} places */
export async function sourcesOf(core, places) {
  const corpora = [];
  for (const place of places) corpora.push(await corpusOf(core, place));
  return corpora.flatMap(({ sources }) => sources);
}

/** @param {string} folder @returns {Promise<string[]>} */
async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === ".git" || entry.name === "node_modules" ? [] : filesBelow(path);
      return entry.isFile() && /\.[ch]$/.test(entry.name) ? [path] : [];
    }),
  );
  return found.flat().sort();
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). @param {number} seed */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** The line of an offset, counted from 1. @param {string} text @param {number} offset */
export function lineNumberAt(text, offset) {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** The line around an offset, without its break. @param {string} text @param {number} offset */
export function lineAround(text, offset) {
  const end = text.indexOf("\n", offset);
  return text.slice(text.lastIndexOf("\n", offset - 1) + 1, end === -1 ? text.length : end);
}

/** `3 of 40 (7.5 %)`. @param {number} part @param {number} whole */
export function share(part, whole) {
  return `${part} of ${whole}${whole === 0 ? "" : ` (${((100 * part) / whole).toFixed(2)} %)`}`;
}

/** How often each key occurs, most often first. @template T @param {T[]} items @param {(item: T) => string} key */
export function ranked(items, key) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups].map(([name, members]) => ({ name, members })).sort((a, b) => b.members.length - a.members.length);
}
