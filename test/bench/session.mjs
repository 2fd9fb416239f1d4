// @ts-check
/** One life of a language server: started, three files opened, typed in, completed, hovered; every step is timed. */

import { setTimeout as sleep } from "node:timers/promises";
import { at, change, didOpen, initialize, open, openWhole, rest } from "./editor.mjs";
import { startServer } from "./lsp.mjs";
import { helperCalls, typingPlace } from "./places.mjs";
import { cpuOf, residentMemoryOf } from "./processes.mjs";
import { percentile } from "./statistics.mjs";

/**
 * @typedef {import("./files.mjs").BenchFile} BenchFile
 * @typedef {import("./files.mjs").Source} Source
 * @typedef {import("./lsp.mjs").Server} Server
 *
 * @typedef {object} ServerCommand
 * @property {string} command
 * @property {readonly string[]} args
 * @property {boolean} readsUnsavedHeaders
 *
 * @typedef {object} Effort
 * @property {ReadonlySet<string>} helpers
 * @property {number} hovers
 *
 * Where somebody types, and the version of the file that the next key makes.
 * @typedef {{ line: number, character: number, version: number }} Cursor
 */

const TYPED = "\n\t__u64 typed = bpf_ktime_get_ns() + 1;";

/** Names that every program may call, typed far enough that they must be among what is offered. */
const COMPLETED = [
  ["bpf_map_lookup", "bpf_map_lookup_elem"],
  ["bpf_ktime_get", "bpf_ktime_get_ns"],
  ["bpf_map_upd", "bpf_map_update_elem"],
];

/** The first hovers load what the others find ready: that is in the row of the hover with documentation. */
const FIRST_HOVERS = 5;

/**
 * @param {ServerCommand} program
 * @param {BenchFile} file
 * @param {Effort} effort
 * @returns {Promise<Record<string, number>>} milliseconds and megabytes by name
 */
export async function measureSession({ command, args }, file, { helpers, hovers }) {
  const server = startServer(command, args);
  /** @type {Record<string, number>} */
  const taken = {};
  try {
    await initialize(server);
    taken["start"] = performance.now() - server.startedAt;
    addKnown(taken, "start CPU", cpuOf(server.pid));
    Object.assign(taken, await openAll(server, file));
    const cursor = { ...typingPlace(file.text), version: 2 };
    Object.assign(taken, await type(server, file, cursor));
    Object.assign(taken, await hover(server, file, helpers, hovers));
    Object.assign(taken, await complete(server, file, cursor));
    return taken;
  } finally {
    await server.stop();
  }
}

/** @param {Server} server @param {BenchFile} file */
async function openAll(server, file) {
  const { wall, errors } = await open(server, file);
  /** @type {Record<string, number>} */
  const taken = { "first file": wall, errors, "spawn to diagnostics": performance.now() - server.startedAt };
  addKnown(taken, "spawn to diagnostics CPU", cpuOf(server.pid));
  for (const [i, sibling] of file.siblings.entries()) {
    await rest(server);
    const { wall, whole } = await openWhole(server, sibling);
    if (i === 0) Object.assign(taken, { "second file": wall, "second file, whole": whole });
  }
  await rest(server);
  addKnown(taken, "memory", residentMemoryOf(server.pid));
  return taken;
}

/**
 * From opening a file in a fresh server until a hover on a helper says what the helper does.
 * @param {ServerCommand} program
 * @param {BenchFile} file
 * @param {ReadonlySet<string>} helpers
 * @returns {Promise<number | undefined>} undefined when the file calls no helper
 */
export async function measureDocumentation({ command, args }, file, helpers) {
  const [call] = helperCalls(file.text, helpers, 1);
  if (call === undefined) return undefined;
  const server = startServer(command, args);
  try {
    await initialize(server);
    const start = performance.now();
    didOpen(server, file);
    for (;;) {
      const answer = await server.request("textDocument/hover", at(file, call.position));
      if (explains(answer?.contents?.value ?? "")) return performance.now() - start;
      if (performance.now() - start > 30_000) throw new Error(`${command} never explained ${call.name}`);
      await sleep(5);
    }
  } finally {
    await server.stop();
  }
}

/** Whether there is a sentence beside code and types. @param {string} markdown */
function explains(markdown) {
  const prose = markdown.replace(/```[\s\S]*?```/g, "").replace(/`[^`]*`/g, "");
  return prose.split("\n").some((line) => (line.match(/\b[a-z]{2,}\b/gi)?.length ?? 0) >= 6);
}

/** Types a statement, one key after the diagnostics of the other. @param {Server} server @param {Source} file @param {Cursor} cursor */
async function type(server, file, cursor) {
  const before = cpuOf(server.pid);
  const walls = [];
  for (const text of TYPED) {
    const start = performance.now();
    await key(server, file, cursor, text);
    walls.push(performance.now() - start);
  }
  // What a server puts off until typing rests belongs to the price.
  await sleep(700);
  await rest(server);
  const after = cpuOf(server.pid);
  return {
    "key p50": percentile(walls, 0.5),
    "key p95": percentile(walls, 0.95),
    ...(before === undefined || after === undefined ? {} : { "key CPU": (after - before) / walls.length }),
  };
}

/**
 * Types the beginnings of names. With each key the editor asks what could stand there, and does not wait for anything else.
 * @param {Server} server
 * @param {Source} file
 * @param {Cursor} cursor
 */
async function complete(server, file, cursor) {
  const walls = [];
  for (const [typed = "", name = ""] of COMPLETED) {
    await key(server, file, cursor, "\n\t");
    let offered;
    for (const text of typed) {
      const start = performance.now();
      const published = key(server, file, cursor, text);
      offered = await server.request("textDocument/completion", { ...at(file, cursor), context: { triggerKind: 1 } });
      walls.push(performance.now() - start);
      await published;
    }
    expectOffered(offered, name, file);
    await key(server, file, cursor, ";");
  }
  return { "completion p50": percentile(walls, 0.5), "completion p95": percentile(walls, 0.95) };
}

/** An answer that does not help is cheap: its time would mean nothing. @param {any} offered @param {string} name @param {Source} file */
function expectOffered(offered, name, file) {
  const items = offered?.items ?? offered ?? [];
  const isOffered = items.some((/** @type {{ label: string }} */ { label }) => label.includes(name));
  if (!isOffered) throw new Error(`${name} is not among the ${items.length} completions in ${file.path}`);
}

/**
 * Types a text at once and waits for the diagnostics of what that makes of the file.
 * @param {Server} server
 * @param {Source} file
 * @param {Cursor} cursor
 * @param {string} text
 */
function key(server, file, cursor, text) {
  const { line, character } = cursor;
  const published = change(server, file, cursor.version++, { line, character }, text);
  const lines = text.split("\n");
  cursor.line += lines.length - 1;
  cursor.character = (lines.length > 1 ? 0 : character) + (lines.at(-1)?.length ?? 0);
  return published;
}

/** @param {Server} server @param {Source} file @param {ReadonlySet<string>} helpers @param {number} hovers */
async function hover(server, file, helpers, hovers) {
  // The typed statement stands in the middle, so only what is above it is where it was.
  const typedLine = typingPlace(file.text).line;
  const calls = helperCalls(file.text, helpers, 40).filter(({ position }) => position.line <= typedLine);
  if (calls.length === 0) return {};
  const walls = [];
  let empty = 0;
  for (let i = -FIRST_HOVERS; i < hovers; i++) {
    const position = calls[(i + FIRST_HOVERS) % calls.length]?.position ?? { line: 0, character: 0 };
    const start = performance.now();
    const answer = await server.request("textDocument/hover", at(file, position));
    if (i >= 0) walls.push(performance.now() - start);
    if (answer === null) empty++;
  }
  // An answer that says nothing is cheap: its time would mean nothing.
  if (empty > 0) throw new Error(`${empty} of ${hovers} hovers in ${file.path} had no answer`);
  return { "hover p50": percentile(walls, 0.5), "hover p95": percentile(walls, 0.95) };
}

/** @param {Record<string, number>} taken @param {string} name @param {number | undefined} value */
function addKnown(taken, name, value) {
  if (value !== undefined) taken[name] = value;
}
