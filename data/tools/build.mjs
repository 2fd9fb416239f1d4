// @ts-check
/** `npm run data:build [file]`: joins facts, curated lists, overrides and notes into one `knowledge.json`. Works offline. */

import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseNote } from "./notes.mjs";
import { readPins } from "./upstream.mjs";

/** @typedef {import("../../server/src/analysis/knowledge/types.ts").KnowledgeJson} KnowledgeJson */
/** @typedef {Omit<KnowledgeJson, "format" | "upstream">} Facts */
/** @typedef {import("../../server/src/analysis/knowledge/types.ts").Note} Note */
/** @typedef {{ name: string, reason: string, set: Record<string, unknown> }} Override */
/** @typedef {{ name: string } & Record<string, unknown>} Entry */

/** Every kind of fact: its key in `knowledge.json`, and how its files are called. @type {Record<keyof Facts, string>} */
export const KINDS = {
  helpers: "helpers",
  sections: "sections",
  mapTypes: "map-types",
  programTypes: "program-types",
  attachTypes: "attach-types",
  linkTypes: "link-types",
  commands: "commands",
  flags: "flags",
  kfuncs: "kfuncs",
  macros: "macros",
  contexts: "contexts",
  constants: "constants",
  loaderSections: "loader-sections",
  removedSections: "removed-sections",
  probedFunctions: "probed-functions",
  abilities: "abilities",
  kernels: "kernels",
  distributions: "distributions",
};

/** Curated lists that say more about the entries of another kind: the field they become. @type {Readonly<Record<string, readonly { file: string, field: string }[]>>} */
const ADDED = {
  helpers: [
    { file: "helper-flags", field: "flags" },
    { file: "packet-helpers", field: "packet" },
  ],
  sections: [{ file: "section-targets", field: "targetRules" }],
  "map-types": [{ file: "map-rules", field: "rules" }],
};

/** @param {string} dataDir @returns {KnowledgeJson} */
export function buildKnowledge(dataDir) {
  const pins = Object.entries(readPins(dataDir));
  const facts = Object.entries(KINDS).map(([key, kind]) => [key, joinKind(dataDir, kind)]);
  return {
    format: 1,
    upstream: Object.fromEntries(pins.map(([name, { url, revision }]) => [name, { url, revision }])),
    .../** @type {Facts} */ (Object.fromEntries(facts)),
  };
}

/** @param {string} dataDir @param {string} kind @returns {{ name: string }[]} */
function joinKind(dataDir, kind) {
  const entries = entriesOf(dataDir, kind).map((entry) => (kind === "distributions" ? compact(entry) : entry));
  const added = addedTo(dataDir, kind);
  const overrides = readOverrides(dataDir, kind, new Map(entries.map((entry) => [entry.name, entry])));
  const notes = readNotes(dataDir, kind, new Set(entries.map(({ name }) => name)));
  return entries.map((entry) => {
    const note = notes.get(entry.name);
    return { ...entry, ...added.get(entry.name), ...overrides.get(entry.name), ...(note && { note }) };
  });
}

/** From upstream, or by hand where no upstream file holds it. @param {string} dataDir @param {string} kind @returns {Entry[]} */
function entriesOf(dataDir, kind) {
  const generated = join(dataDir, "facts", `${kind}.json`);
  const file = existsSync(generated) ? generated : join(dataDir, "curated", `${kind}.json`);
  return JSON.parse(readFileSync(file, "utf8")).entries;
}

/** @param {string} dataDir @param {string} kind @returns {Map<string, Record<string, unknown>>} */
function addedTo(dataDir, kind) {
  const added = new Map();
  for (const { file, field } of ADDED[kind] ?? []) {
    if (!existsSync(join(dataDir, "curated", `${file}.json`))) continue;
    for (const { name, ...rest } of entriesOf(dataDir, file)) added.set(name, { ...added.get(name), [field]: rest });
  }
  return added;
}

/** Thousands of backports: in the product their names will do, the source of each stays in the curated file. @param {Entry} entry @returns {Entry} */
function compact({ backports, missing, knownFeatures, ...entry }) {
  const names = (/** @type {unknown} */ list) =>
    /** @type {{ feature: string }[]} */ (list).map(({ feature }) => feature);
  return {
    ...entry,
    ...(backports !== undefined && { backports: names(backports) }),
    ...(missing !== undefined && { missing: names(missing) }),
    ...(knownFeatures !== undefined && {
      knownFeatures: /** @type {Record<string, unknown>[]} */ (knownFeatures).map(({ feature, works }) => ({
        feature,
        works,
      })),
    }),
  };
}

/**
 * @param {string} dataDir
 * @param {string} kind
 * @param {Set<string>} known
 * @returns {Map<string, Note>}
 */
function readNotes(dataDir, kind, known) {
  const folder = join(dataDir, "notes", kind);
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  /** @type {Map<string, Note>} */
  const notes = new Map();
  for (const file of files) {
    const shown = `${basename(dataDir)}/notes/${kind}/${file}`;
    const { names, ...note } = parseNote(readFileSync(join(folder, file), "utf8"), shown);
    for (const name of names ?? [basename(file, ".md")]) {
      if (!file.endsWith(".md") || !known.has(name)) {
        throw new Error(`${shown}:1: no entry of facts/${kind}.json is called "${name}"; is the file name right?`);
      }
      if (notes.has(name)) throw new Error(`${shown}:1: "${name}" has a note already`);
      notes.set(name, note);
    }
  }
  return notes;
}

/**
 * @param {string} dataDir
 * @param {string} kind
 * @param {Map<string, object>} facts
 * @returns {Map<string, Record<string, unknown>>} the corrected fields by name
 */
function readOverrides(dataDir, kind, facts) {
  const file = join(dataDir, "overrides", `${kind}.json`);
  if (!existsSync(file)) return new Map();
  const text = readFileSync(file, "utf8");
  /** @type {Override[]} */
  const overrides = JSON.parse(text);
  return new Map(
    overrides.map((override) => {
      const problem = overrideProblem(override, facts.get(override.name));
      const line = text.slice(0, text.indexOf(`"${override.name}"`)).split("\n").length;
      if (problem) throw new Error(`${basename(dataDir)}/overrides/${kind}.json:${line}: ${override.name} ${problem}`);
      return [override.name, override.set];
    }),
  );
}

/** @param {Override} override @param {object | undefined} fact */
function overrideProblem({ reason, set }, fact) {
  if (!fact) return "is not a known name";
  if (!reason) return 'needs a "reason"';
  const { source, ...fields } = set;
  if (!Array.isArray(source) || source.length === 0) return 'needs a "source" in "set"';
  const upstream = new Map(Object.entries(fact));
  const equal = Object.entries(fields).find(([field, value]) => upstream.get(field) === value);
  // Upstream has caught up: a correction that corrects nothing only hides the next change.
  if (equal) return `already has this "${equal[0]}" upstream; remove it from the override`;
  return undefined;
}

/**
 * One line for each fact, so that it is parsed when it is first asked for, and ASCII, which is read twice as fast as UTF-8 and
 * takes half of the memory that a single other letter would make it take.
 * @param {KnowledgeJson} knowledge
 */
export function knowledgeText(knowledge) {
  const kinds = Object.entries(knowledge).map(([kind, facts]) => {
    const text = Array.isArray(facts)
      ? `[\n${facts.map((fact) => JSON.stringify(withNameFirst(fact))).join(",\n")}\n]`
      : JSON.stringify(facts);
    return `${JSON.stringify(kind)}:${text}`;
  });
  const escaped = (/** @type {string} */ letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `{\n${kinds.join(",\n")}\n}`.replace(/[^ -~\n]/g, escaped);
}

/** By their beginnings the lines are told apart. @param {Entry} fact */
function withNameFirst(fact) {
  return Object.assign({ name: fact.name }, fact);
}

/** @param {KnowledgeJson} knowledge */
function countsOf(knowledge) {
  const counts = Object.entries(KINDS).map(([key, kind]) => {
    const entries = knowledge[/** @type {keyof Facts} */ (key)];
    const notes = entries.filter(({ note }) => note).length;
    return `${entries.length} ${kind.replace("-", " ")}${notes > 0 ? ` (${notes} with a note)` : ""}`;
  });
  return counts.join(", ");
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] && realpathSync(process.argv[1]) === self) {
  const target = resolve(process.argv[2] ?? "dist/knowledge.json");
  try {
    const knowledge = buildKnowledge(resolve(dirname(self), ".."));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, knowledgeText(knowledge));
    console.log(`${target}: ${countsOf(knowledge)}`);
  } catch (error) {
    console.error(`data:build: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
