// @ts-check
/** How long it takes until the diagnostics of a file are right again after a header that it includes has changed. */

import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { didChange, didOpen, initialize, open, rest, rightDiagnostics, uriOf } from "./editor.mjs";
import { startServer } from "./lsp.mjs";
import { includeLine } from "./places.mjs";
import { median } from "./statistics.mjs";

/**
 * @typedef {import("./editor.mjs").Diagnostic} Diagnostic
 * @typedef {import("./files.mjs").Source} Source
 * @typedef {import("./lsp.mjs").Server} Server
 * @typedef {import("./session.mjs").ServerCommand} ServerCommand
 *
 * A file that includes a header, and depends on it from a certain line on.
 * @typedef {object} Including
 * @property {Source} file
 * @property {Source} header as it is while the file is all right
 * @property {number} includeLine
 * @property {number} firstLine
 */

/** With these every server is content; without them clangd misses a name, and we find a deprecated helper called. */
const DEFINES = `#define EDITED_LIMIT 1
#define bpf_probe_read(to, size, from) bpf_probe_read_kernel(to, size, from)
`;
const NO_DEFINES = "/* Nothing is defined here. */\n";

const USE = `
SEC("tp/sched/sched_process_exit")
int uses_edited_header(void *ctx)
{
	long code = EDITED_LIMIT;

	bpf_probe_read(&code, sizeof(code), ctx);
	return 0;
}
`;

const CHANGED = 2;

/**
 * @param {ServerCommand} program
 * @param {Including} including
 * @param {number} turns of each kind of edit; half of them break the file, half of them mend it
 * @returns {Promise<Record<string, number>>} milliseconds by name
 */
export async function measureIncludes({ command, args, readsUnsavedHeaders }, including, turns) {
  const { file, header } = including;
  writeFileSync(header.path, header.text);
  const server = startServer(command, args);
  try {
    await initialize(server);
    await open(server, file);
    await rest(server);
    const onDisk = await editInTurn(server, including, turns, (text) => changeOnDisk(server, header, text));
    didOpen(server, header);
    await rest(server);
    let version = 1;
    const typed = await editInTurn(server, including, turns, (text) => {
      didChange(server, header, ++version, [{ text }]);
      if (!readsUnsavedHeaders) changeOnDisk(server, header, text);
    });
    const takenOut = await takeOut(server, including);
    return { "header on disk": onDisk, "header typed": typed, "include taken out": takenOut };
  } finally {
    await server.stop();
  }
}

/**
 * @param {Server} server
 * @param {Including} including
 * @param {number} turns
 * @param {(text: string) => void} edit
 */
async function editInTurn(server, including, turns, edit) {
  const walls = [];
  for (let turn = 0; turn < turns; turn++) {
    const isBroken = turn % 2 === 0;
    const published = rightDiagnostics(server, including.file, (found) => complains(found, including) === isBroken);
    const start = performance.now();
    edit(isBroken ? NO_DEFINES : DEFINES);
    await published;
    walls.push(performance.now() - start);
    await rest(server);
  }
  return median(walls);
}

/** Makes the include a comment. @param {Server} server @param {Including} including */
async function takeOut(server, including) {
  const published = rightDiagnostics(server, including.file, (found) => complains(found, including));
  const start = performance.now();
  const place = { line: including.includeLine, character: 0 };
  didChange(server, including.file, 2, [{ range: { start: place, end: place }, text: "//" }]);
  await published;
  return performance.now() - start;
}

/** What an editor says of a saved file: clangd looks at headers again when it hears of saving. @param {Server} server @param {Source} header @param {string} text */
function changeOnDisk(server, header, text) {
  const uri = uriOf(header);
  writeFileSync(header.path, text);
  server.notify("workspace/didChangeWatchedFiles", { changes: [{ uri, type: CHANGED }] });
  server.notify("textDocument/didSave", { textDocument: { uri } });
}

/** @param {readonly Diagnostic[]} diagnostics @param {Including} including */
function complains(diagnostics, { firstLine }) {
  return diagnostics.some(({ range }) => range.start.line >= firstLine);
}

/**
 * A copy of a file that includes one more header, in a folder of its own with the headers that lie beside the file.
 * @param {string} folder
 * @param {Source} source
 * @returns {Including}
 */
export function includingFile(folder, source) {
  mkdirSync(folder, { recursive: true });
  const beside = dirname(source.path);
  const headers = readdirSync(beside).filter((name) => name.endsWith(".h") && !name.startsWith("vmlinux"));
  for (const name of headers) copyFileSync(join(beside, name), join(folder, name));
  const { text, includeLine: line, firstLine } = withHeader(source.text, "edited.h");
  return {
    file: { path: join(folder, basename(source.path)), text },
    header: { path: join(folder, "edited.h"), text: DEFINES },
    includeLine: line,
    firstLine,
  };
}

/** @param {string} text @param {string} header */
export function withHeader(text, header) {
  const lines = text.trimEnd().split("\n");
  const line = includeLine(text) + 1;
  const including = [...lines.toSpliced(line, 0, `#include "${header}"`), ...USE.split("\n")];
  const firstLine = including.findLastIndex((source) => source.includes("EDITED_LIMIT"));
  return { text: including.join("\n"), includeLine: line, firstLine };
}
