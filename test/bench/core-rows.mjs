// @ts-check
/** The core inside one process: each step from text to findings, and web-tree-sitter beside the native library. */

import { loadCoreModule, loadNative } from "./load-core.mjs";
import { helperCalls, wordEnds } from "./places.mjs";
import { row } from "./rows.mjs";
import { median, timeTogether } from "./statistics.mjs";

/**
 * @typedef {import("./rows.mjs").Group} Group
 * @typedef {import("./load-core.mjs").CoreModule} CoreModule
 * @typedef {import("../../server/src/core.ts").Core} Core
 * @typedef {import("../../server/src/analysis/syntax/tree.ts").Syntax} Syntax
 * @typedef {{ readonly warmUp: number, readonly rounds: number }} Effort
 *
 * What the two libraries have in common; positions count UTF-16 units in both.
 * @typedef {object} TreeParser
 * @property {(text: string, old?: TreeLike) => TreeLike} parse
 * @typedef {{ edit(edit: any): unknown, delete?: () => void }} TreeLike
 */

/** As in server/src/analysis/syntax/parse.ts. */
const INPUT_PIECE = 256;

/** A reparse pays off on files where a full parse is felt. */
const LARGE = 20_000;

/**
 * @param {readonly { readonly title: string, readonly text: string }[]} files
 * @param {string} dist
 * @param {Effort} effort
 * @param {(note: string) => void} note
 * @returns {Promise<readonly Group[]>}
 */
export async function coreRows(files, dist, effort, note) {
  const module = await loadCoreModule();
  module.optimiseLater();
  const core = await module.loadCore(module.nodeHost(dist));
  const syntax = await core.syntax();
  const wasm = await wasmParser(module, dist);
  const native = nativeParser();
  if (native === undefined)
    note("The native tree-sitter is not built. `npm run native` builds it; nothing else needs it.");
  return files.map(({ title, text }) => ({
    title: `In process: ${title}`,
    ours: "Hookpoint",
    peer: "peer",
    rows: [...stepRows(module, core, syntax, text, effort), ...treeRows(module.lower(text).text, wasm, native, effort)],
  }));
}

/** @param {CoreModule} module @param {Core} core @param {Syntax} syntax @param {string} text @param {Effort} effort */
function stepRows(module, core, syntax, text, effort) {
  const { buildModel, findingsOf, hover, lower, readSettings } = module;
  const { kb } = core;
  const settings = readSettings(undefined);
  const lowered = lower(text);
  let built = buildModel(text, syntax);
  const { model, lines } = built;
  const snapshot = { uri: "file:///bench.bpf.c", text, lines, model };
  const [call] = helperCalls(text, { has: (name) => kb.helper(name) !== undefined }, 1);
  const edits = cycle(edited(text));
  const onCrash = (/** @type {string} */ rule, /** @type {unknown} */ error) => {
    throw new Error(`rule ${rule}`, { cause: error });
  };

  const check = (/** @type {string} */ whole) => () => {
    const { model: fresh, tree } = buildModel(whole, syntax);
    findingsOf(fresh, kb, settings, onCrash);
    tree.dispose();
  };

  const times = timeTogether(
    {
      check: check(text),
      checkTwo: check(severalTimes(2, text, model)),
      checkFour: check(severalTimes(4, text, model)),
      lower: () => lower(text),
      parse: () => syntax.parse(lowered.text).dispose(),
      model: () => buildModel(text, syntax).tree.dispose(),
      lint: () => findingsOf(model, kb, settings, onCrash),
      hover: () => call && hover(snapshot, kb, call.position, settings),
      edit: () => {
        const start = performance.now();
        const next = buildModel(edits(), syntax, { previous: built });
        built.tree.dispose();
        const taken = performance.now() - start;
        next.tree.dispose();
        built = buildModel(text, syntax);
        return taken;
      },
    },
    effort,
  );
  built.tree.dispose();
  return [
    row("tokenize and lower", times.lower),
    row("parse, with the query for guards", times.parse),
    row("text to model, parsed only if it asks about its kernel", times.model),
    row("lint a model", times.lint),
    ...(call === undefined ? [] : [row("hover", times.hover)]),
    row("one character: model again, beside anew", times.edit, times.model),
    row("check with all rules", times.check),
    row("check: twice the text, beside once", times.checkTwo, times.check, 2.2),
    row("check: four times the text, beside once", times.checkFour, times.check, 4.4),
  ];
}

/**
 * A text with more of the same: all that it defines is there again by another name.
 * @param {number} times
 * @param {string} text
 * @param {Pick<import("../../server/src/analysis/model.ts").BpfModel, "functions" | "maps" | "globals">} model
 */
function severalTimes(times, text, { functions, maps, globals }) {
  const names = [...functions, ...maps, ...globals].map(({ name }) => name);
  const own = new RegExp(`\\b(?:${names.join("|")})\\b`, "g");
  const copies = Array.from({ length: times }, (_, i) =>
    i === 0 ? text : text.replace(own, (name) => `${name}_${i}`),
  );
  // Nothing is included twice, and there is one licence.
  const [first = "", ...others] = copies;
  return [first, ...others.map((copy) => copy.replace(/^#\s*include.*$|^.*SEC\("license"\).*$/gm, ""))].join("\n");
}

/**
 * The trees alone, of the same lowered text.
 * @param {string} text
 * @param {TreeParser} wasm
 * @param {TreeParser | undefined} native
 * @param {Effort} effort
 */
function treeRows(text, wasm, native, effort) {
  const places = wordEnds(text);
  const ours = reparseTasks(wasm, text, cycle(places));
  const theirs = native && reparseTasks(native, text, cycle(places));
  const times = timeTogether(
    {
      full: ours.full,
      reparse: burst(ours.reparse),
      nativeFull: theirs?.full ?? (() => Number.NaN),
      nativeReparse: theirs ? burst(theirs.reparse) : () => Number.NaN,
    },
    effort,
  );
  const rows = [
    row(
      "tree: one character, beside a full parse",
      times.reparse,
      times.full,
      text.length >= LARGE ? 1 / 40 : undefined,
    ),
  ];
  if (native === undefined) return rows;
  return [
    ...rows,
    row("tree: full parse, beside native", times.full, times.nativeFull),
    row("tree: one character, beside native", times.reparse, times.nativeReparse),
  ];
}

/** Keys come one after another, not each after a full parse of everything. @param {() => number} key */
function burst(key) {
  return () => median(Array.from({ length: 10 }, key));
}

/**
 * As when somebody types: each key changes the tree of the key before, and no full parse comes between.
 * @param {TreeParser} parser @param {string} text @param {() => number} nextPlace
 */
function reparseTasks(parser, text, nextPlace) {
  let tree = parser.parse(text);
  /** @type {number | undefined} */
  let typedAt;
  return {
    full: () => parser.parse(text).delete?.(),
    reparse: () => {
      const place = typedAt ?? nextPlace();
      const isBack = typedAt !== undefined;
      const changed = isBack ? text : insert(text, place);
      const edit = editAt(text, place, isBack);
      const start = performance.now();
      tree.edit(edit);
      const next = parser.parse(changed, tree);
      const taken = performance.now() - start;
      tree.delete?.();
      tree = next;
      typedAt = isBack ? undefined : place;
      return taken;
    },
  };
}

/** @param {CoreModule} module @param {string} dist @returns {Promise<TreeParser>} */
async function wasmParser({ Language, Parser, nodeHost }, dist) {
  const { language } = await nodeHost(dist).loadGrammar();
  const parser = new Parser();
  parser.setLanguage(await Language.load(language));
  return {
    parse: (text, old) => {
      const input = old === undefined ? text : (/** @type {number} */ at) => text.slice(at, at + INPUT_PIECE);
      const tree = parser.parse(input, /** @type {any} */ (old));
      if (tree === null) throw new Error("tree-sitter gave no tree");
      return tree;
    },
  };
}

/** @returns {TreeParser | undefined} */
function nativeParser() {
  const native = loadNative();
  if (native === undefined) return undefined;
  const parser = new native.Parser();
  parser.setLanguage(native.language);
  return {
    parse: (text, old) =>
      // Its buffer must hold the text, or it calls back into JavaScript for every piece.
      parser.parse(text, /** @type {any} */ (old), { bufferSize: Math.max(32 * 1024, (text.length + 1) * 2) }),
  };
}

/** @param {string} text */
function edited(text) {
  return wordEnds(text).map((place) => insert(text, place));
}

/** @param {string} text @param {number} place */
function insert(text, place) {
  return `${text.slice(0, place)}x${text.slice(place)}`;
}

/** A character typed at a place, or taken back. @param {string} text @param {number} place @param {boolean} isBack */
function editAt(text, place, isBack) {
  const before = text.slice(0, place).split("\n");
  const row = before.length - 1;
  const column = before.at(-1)?.length ?? 0;
  const [without, withIt] = [
    { index: place, position: { row, column } },
    { index: place + 1, position: { row, column: column + 1 } },
  ];
  const [old, now] = isBack ? [withIt, without] : [without, withIt];
  return {
    startIndex: place,
    oldEndIndex: old.index,
    newEndIndex: now.index,
    startPosition: without.position,
    oldEndPosition: old.position,
    newEndPosition: now.position,
  };
}

/** One after the other, and again from the start. @template T @param {readonly T[]} all @returns {() => T} */
function cycle(all) {
  let next = 0;
  return () => {
    const one = all[next++ % all.length];
    if (one === undefined) throw new Error("nothing to choose from");
    return one;
  };
}
