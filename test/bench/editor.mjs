// @ts-check
/** What an editor does with a language server: opens files, types, asks, and waits for diagnostics. */

import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { cpuOf } from "./processes.mjs";

/**
 * @typedef {import("./files.mjs").Source} Source
 * @typedef {import("./lsp.mjs").Server} Server
 * @typedef {import("./places.mjs").Position} Position
 * @typedef {{ readonly range: { readonly start: Position }, readonly severity?: number, readonly message: string }} Diagnostic
 */

const ERROR = 1;

/** @param {Server} server */
export async function initialize(server) {
  await server.request("initialize", {
    processId: process.pid,
    rootUri: null,
    capabilities: {
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
      textDocument: {
        publishDiagnostics: { versionSupport: true },
        hover: { contentFormat: ["markdown", "plaintext"] },
        synchronization: { didSave: true },
        completion: {
          contextSupport: true,
          completionList: {
            itemDefaults: ["commitCharacters", "editRange", "insertTextFormat", "insertTextMode", "data"],
          },
          completionItem: {
            snippetSupport: true,
            labelDetailsSupport: true,
            documentationFormat: ["markdown", "plaintext"],
            resolveSupport: { properties: ["documentation", "detail", "additionalTextEdits"] },
          },
        },
      },
    },
  });
  server.notify("initialized", {});
}

/** @param {Server} server @param {Source} file */
export function didOpen(server, file) {
  server.notify("textDocument/didOpen", {
    textDocument: { uri: uriOf(file), languageId: "c", version: 1, text: file.text },
  });
}

/**
 * Opens a file and waits for its diagnostics.
 * @param {Server} server
 * @param {Source} file
 * @returns {Promise<{ readonly wall: number, readonly errors: number }>} milliseconds, and how much was not understood
 */
export async function open(server, file) {
  const start = performance.now();
  const published = diagnosticsOf(server, file, 1);
  didOpen(server, file);
  const { diagnostics } = await published;
  const wall = performance.now() - start;
  const errors = diagnostics.filter((/** @type {Diagnostic} */ { severity }) => severity === ERROR).length;
  return { wall, errors };
}

/**
 * Inserts a text and waits for the diagnostics of the new version.
 * @param {Server} server
 * @param {Source} file
 * @param {number} version
 * @param {Position} position
 * @param {string} text
 */
export function change(server, file, version, position, text) {
  const published = diagnosticsOf(server, file, version);
  didChange(server, file, version, [{ range: { start: position, end: position }, text }]);
  return published;
}

/** @param {Server} server @param {Source} file @param {number} version @param {readonly object[]} contentChanges */
export function didChange(server, file, version, contentChanges) {
  server.notify("textDocument/didChange", { textDocument: { uri: uriOf(file), version }, contentChanges });
}

/** @param {Server} server @param {Source} file @param {number} version */
function diagnosticsOf(server, file, version) {
  return server.next("textDocument/publishDiagnostics", (params) => isOf(params, file) && params.version === version);
}

/**
 * The next diagnostics of a file that are as they should be: what comes first may still speak of what was before.
 * @param {Server} server
 * @param {Source} file
 * @param {(diagnostics: readonly Diagnostic[]) => boolean} areRight
 */
export function rightDiagnostics(server, file, areRight) {
  return server.next("textDocument/publishDiagnostics", (params) => isOf(params, file) && areRight(params.diagnostics));
}

/**
 * Opens a file and waits until the server rests: what it tells last may be more than what it tells first.
 * @param {Server} server
 * @param {Source} file
 */
export async function openWhole(server, file) {
  const start = performance.now();
  let whole = 0;
  const forget = server.listen("textDocument/publishDiagnostics", (params) => {
    if (isOf(params, file)) whole = performance.now() - start;
  });
  const { wall } = await open(server, file);
  await rest(server);
  forget();
  return { wall, whole };
}

/** Waits until a server has nothing left to do. @param {Server} server */
export async function rest({ pid }) {
  let last = cpuOf(pid);
  for (let quiet = 0, turns = 0; quiet < 3 && turns < 100; turns++) {
    await sleep(100);
    const now = cpuOf(pid);
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
}

/** @param {Source} file @param {Position} position */
export function at(file, position) {
  return { textDocument: { uri: uriOf(file) }, position };
}

/** Servers differ in what they escape in a URI. @param {{ readonly uri: string }} params @param {Source} file */
function isOf({ uri }, { path }) {
  return fileURLToPath(uri) === path;
}

/** @param {Pick<Source, "path">} file */
export function uriOf({ path }) {
  return pathToFileURL(path).href;
}
