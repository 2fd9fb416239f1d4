// @ts-check
/** One life of a language server: started, three files opened, typed in, hovered; every step is timed. */

import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { startServer } from "./lsp.mjs";
import { helperCalls, includeLine, typingPlace } from "./places.mjs";
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
 *
 * @typedef {object} Effort
 * @property {ReadonlySet<string>} helpers
 * @property {number} hovers
 */

const TYPED = "\n\t__u64 typed = bpf_ktime_get_ns() + 1;";

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

    taken["first file"] = await open(server, file);
    taken["spawn to diagnostics"] = performance.now() - server.startedAt;
    addKnown(taken, "spawn to diagnostics CPU", cpuOf(server.pid));
    for (const [i, sibling] of file.siblings.entries()) {
      await rest(server);
      const time = await open(server, sibling);
      if (i === 0) taken["second file"] = time;
    }
    await rest(server);
    addKnown(taken, "memory", residentMemoryOf(server.pid));

    Object.assign(taken, await type(server, file));
    Object.assign(taken, await hover(server, file, helpers, hovers));
    const include = includeLine(file.text);
    if (include !== -1) taken["include edit"] = await takeOut(server, file, include);
    return taken;
  } finally {
    await server.stop();
  }
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

/** @param {Server} server */
async function initialize(server) {
  await server.request("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: {
        publishDiagnostics: { versionSupport: true },
        hover: { contentFormat: ["markdown", "plaintext"] },
      },
    },
  });
  server.notify("initialized", {});
}

/** @param {Server} server @param {Source} file */
function didOpen(server, file) {
  server.notify("textDocument/didOpen", {
    textDocument: { uri: uriOf(file), languageId: "c", version: 1, text: file.text },
  });
}

/** Milliseconds until the file's diagnostics. @param {Server} server @param {Source} file */
async function open(server, file) {
  const start = performance.now();
  const published = diagnosticsOf(server, file, 1);
  didOpen(server, file);
  await published;
  return performance.now() - start;
}

/**
 * Types a statement, one key after the diagnostics of the other.
 * @param {Server} server
 * @param {Source} file
 */
async function type(server, file) {
  const before = cpuOf(server.pid);
  const walls = [];
  let { line, character } = typingPlace(file.text);
  for (const [i, text] of [...TYPED].entries()) {
    const start = performance.now();
    await change(server, file, i + 2, { line, character }, text);
    walls.push(performance.now() - start);
    character++;
    if (text === "\n") [line, character] = [line + 1, 0];
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

/** @param {Server} server @param {Source} file @param {ReadonlySet<string>} helpers @param {number} hovers */
async function hover(server, file, helpers, hovers) {
  // The typed statement stands in the middle, so only what is above it is where it was.
  const typedLine = typingPlace(file.text).line;
  const calls = helperCalls(file.text, helpers, 40).filter(({ position }) => position.line <= typedLine);
  if (calls.length === 0) return {};
  const walls = [];
  let empty = 0;
  for (let i = 0; i < hovers; i++) {
    const position = calls[i % calls.length]?.position ?? { line: 0, character: 0 };
    const start = performance.now();
    const answer = await server.request("textDocument/hover", at(file, position));
    walls.push(performance.now() - start);
    if (answer === null) empty++;
  }
  // An answer that says nothing is cheap: its time would mean nothing.
  if (empty > 0) throw new Error(`${empty} of ${hovers} hovers in ${file.path} had no answer`);
  return { "hover p50": percentile(walls, 0.5), "hover p95": percentile(walls, 0.95) };
}

/**
 * Makes an include a comment, and waits for the last word on that: what comes first may still speak of the file as it was.
 * @param {Server} server
 * @param {Source} file
 * @param {number} line
 */
async function takeOut(server, file, line) {
  const version = 1000;
  const start = performance.now();
  let last = start;
  const stop = server.listen("textDocument/publishDiagnostics", (params) => {
    if (params.uri === uriOf(file) && params.version === version) last = performance.now();
  });
  await change(server, file, version, { line, character: 0 }, "//");
  await rest(server);
  stop();
  return last - start;
}

/**
 * Inserts a text and waits for the diagnostics of the new version.
 * @param {Server} server
 * @param {Source} file
 * @param {number} version
 * @param {import("./places.mjs").Position} position
 * @param {string} text
 */
function change(server, file, version, position, text) {
  const published = diagnosticsOf(server, file, version);
  server.notify("textDocument/didChange", {
    textDocument: { uri: uriOf(file), version },
    contentChanges: [{ range: { start: position, end: position }, text }],
  });
  return published;
}

/** @param {Server} server @param {Source} file @param {number} version */
function diagnosticsOf(server, file, version) {
  const uri = uriOf(file);
  return server.next("textDocument/publishDiagnostics", (params) => params.uri === uri && params.version === version);
}

/** Waits until a server has nothing left to do. @param {Server} server */
async function rest({ pid }) {
  let last = cpuOf(pid);
  for (let quiet = 0, turns = 0; quiet < 3 && turns < 100; turns++) {
    await sleep(100);
    const now = cpuOf(pid);
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}

/** @param {Source} file @param {import("./places.mjs").Position} position */
function at(file, position) {
  return { textDocument: { uri: uriOf(file) }, position };
}

/** @param {Source} file */
function uriOf({ path }) {
  return pathToFileURL(path).href;
}

/** @param {Record<string, number>} taken @param {string} name @param {number | undefined} value */
function addKnown(taken, name, value) {
  if (value !== undefined) taken[name] = value;
}
