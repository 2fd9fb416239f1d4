// @ts-check
/**
 * Reads folders of BPF C and says what the core makes of them: `run.mjs [--errors] [--all] [--json FILE] DIR…`.
 *
 * The exit code is 1 when a file made the core throw or took longer than a second.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { corpusOf, lineAround, lineNumberAt, loadCore, ranked, share } from "./corpus.mjs";

/** @typedef {import("./corpus.mjs").Source} Source */
/** @typedef {import("./corpus.mjs").Span} Span */
/** @typedef {{ line: number, text: string, shape: string }} Place */
/** @typedef {{ line: number, text: string, why: string }} Lost */
/**
 * @typedef {object} Report What one file gave.
 * @property {string} path
 * @property {number} bytes
 * @property {number} ms to read the file and what it includes
 * @property {number} errors
 * @property {Place | undefined} firstError
 * @property {number} programs
 * @property {number} maps
 * @property {number} calls
 * @property {number} marks `SEC(` in code
 * @property {Record<string, number>} became what the marks became
 * @property {number} made programs and maps without `SEC`: macros and attributes made them
 * @property {Lost[]} lost marks that became nothing
 * @property {string | undefined} exception
 */

/** @typedef {{ folder: string, files: number, vmlinux: number, large: number, reports: Report[] }} Result */

const SLOW_MS = 1000;
/** Lines of each list when `--all` is not given. */
const FEW = 15;

const COMMENT = /\/\*[\s\S]*?(?:\*\/|$(?![\s\S]))|\/\/(?:\\\r?\n|[^\r\n])*/;
const DIRECTIVE = /^[ \t]*#(?:\\\r?\n|\/\*[\s\S]*?\*\/|[^\r\n])*/;
const QUOTED = /"(?:\\[\s\S]|[^"\\\r\n])*"?|'(?:\\[\s\S]|[^'\\\r\n])*'?/;
const NOT_CODE = new RegExp([COMMENT, DIRECTIVE, QUOTED].map(({ source }) => source).join("|"), "gm");

const KEYWORDS = new Set(
  `if else for while do switch case default return break continue goto sizeof struct union enum typedef static extern
  inline const volatile register void char short int long unsigned signed float double`.split(/\s+/),
);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { errors: { type: "boolean" }, all: { type: "boolean" }, json: { type: "string" } },
});
if (positionals.length === 0) {
  console.error("usage: run.mjs [--errors] [--all] [--json FILE] DIR…");
  process.exit(2);
}

const core = await loadCore();
/** @type {Result[]} */
const results = [];
for (const folder of positionals) {
  const corpus = await corpusOf(core, folder);
  const reports = [];
  for (const source of corpus.sources) reports.push(await measure(source));
  const result = { folder, vmlinux: corpus.vmlinux, large: corpus.large, files: corpus.files, reports };
  results.push(result);
  print(result);
}
if (results.length > 1) {
  const sum = (/** @type {"vmlinux" | "large" | "files"} */ field) => results.reduce((n, r) => n + r[field], 0);
  const reports = results.flatMap((result) => result.reports);
  print({ folder: "all together", vmlinux: sum("vmlinux"), large: sum("large"), files: sum("files"), reports });
}
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 1)}\n`);
const isBad = (/** @type {Report} */ { exception, ms }) => exception !== undefined || ms > SLOW_MS;
process.exitCode = results.some(({ reports }) => reports.some(isBad)) ? 1 : 0;

/** @param {Source} source @returns {Promise<Report>} */
async function measure(source) {
  const { path, text } = source;
  const report = emptyReport(path, text);
  const start = performance.now();
  try {
    const built = core.build(text, { headers: await core.headersOf(source) });
    try {
      const errors = built.tree.get().errors();
      report.ms = performance.now() - start;
      return { ...report, ...contents(built, errors, text) };
    } finally {
      built.tree.dispose();
    }
  } catch (error) {
    return {
      ...report,
      ms: performance.now() - start,
      exception: error instanceof Error ? error.stack : String(error),
    };
  }
}

/** @param {string} path @param {string} text @returns {Report} */
function emptyReport(path, text) {
  const nothing = {
    errors: 0,
    firstError: undefined,
    programs: 0,
    maps: 0,
    calls: 0,
    marks: 0,
    made: 0,
    exception: undefined,
  };
  return { path, bytes: text.length, ms: 0, ...nothing, became: {}, lost: [] };
}

/** @param {any} built @param {readonly Span[]} errors @param {string} text */
function contents(built, errors, text) {
  const { programs, maps, calls } = built.model;
  return {
    errors: errors.length,
    firstError: errors[0] === undefined ? undefined : placeOf(built.lowered.text, text, errors[0].start),
    programs: programs.length,
    maps: maps.length,
    calls: calls.length,
    ...accountOf(built, text),
  };
}

/** @param {string} lowered @param {string} source @param {number} offset @returns {Place} */
function placeOf(lowered, source, offset) {
  const at = offset + (/^\s*/.exec(lowered.slice(offset))?.[0].length ?? 0);
  const text = lineAround(source, at).trim();
  return { line: lineNumberAt(source, at), text, shape: shapeOf(lineAround(lowered, at)) };
}

/** A line with every name and number made the same, so that errors of one cause fall together. @param {string} line */
function shapeOf(line) {
  return line
    .replace(/"(?:\\.|[^"\\])*"/g, '""')
    .replace(/\b\d[\w.]*/g, "0")
    .replace(/[A-Za-z_]\w*/g, (word) => (KEYWORDS.has(word) ? word : "x"))
    .replace(/\s+/g, " ")
    .trim();
}

/** What became of every `SEC(`. @param {any} built @param {string} text */
function accountOf(built, text) {
  const kinds = kindsOfMarks(built);
  const unread = built.lowered.dropped;
  /** @type {Record<string, number>} */
  const became = {};
  /** @type {Lost[]} */
  const lost = [];
  const marks = sectionMarks(text);
  for (const at of marks) {
    const isUnread = unread.some((/** @type {any} */ span) => span.start <= at && at < span.end);
    const kind = kinds.get(at) ?? (isUnread ? "not compiled" : undefined);
    if (kind !== undefined) became[kind] = (became[kind] ?? 0) + 1;
    else lost.push({ line: lineNumberAt(text, at), text: lineAround(text, at).trim(), why: whyLost(built, at) });
  }
  const found = built.model.programs.length + built.model.maps.length;
  return { marks: marks.length, became, made: found - (became["programs"] ?? 0) - (became["maps"] ?? 0), lost };
}

/** Where `SEC(` stands in code; a count of its own that knows nothing of the core's tokenizer. @param {string} text */
function sectionMarks(text) {
  const code = text.replace(NOT_CODE, (skipped) => skipped.replace(/[^\r\n]/g, " "));
  return [...code.matchAll(/\bSEC[ \t]*\(/g)].map(({ index }) => index);
}

/** What the model made of the mark at each offset. @param {any} built */
function kindsOfMarks({ model, lines, lowered }) {
  /** @type {Map<number, string>} */
  const kinds = new Map();
  const outline = core.outlineOf(lowered);
  for (const { section } of outline.variables)
    if (section !== undefined) kinds.set(section.start, kindOfVariable(section.name));
  for (const { section } of model.maps)
    if (section !== undefined) kinds.set(lines.offsetAt(section.range.start), "maps");
  for (const { section } of model.programs) kinds.set(lines.offsetAt(section.range.start), "programs");
  return kinds;
}

/** @param {string | undefined} section */
function kindOfVariable(section) {
  if (section === "license" || section === "version") return section;
  return section === undefined ? "in an unknown section" : "globals";
}

/** @param {any} built @param {number} at */
function whyLost({ lowered }, at) {
  if (lowered.islands.sections.some((/** @type {any} */ mark) => mark.start === at))
    return "read, but belongs to nothing";
  const isIn = (/** @type {any} */ span) => span.start <= at && at < span.end;
  return lowered.islands.expansions.some(isIn) ? "argument of a macro" : "not read";
}

/** @param {Result} result */
function print({ folder, files, vmlinux, large, reports }) {
  const sum = (/** @type {"programs" | "maps" | "calls" | "marks" | "made" | "bytes" | "ms"} */ field) =>
    reports.reduce((n, report) => n + report[field], 0);
  const lost = reports.flatMap((report) => report.lost.map((mark) => ({ path: report.path, ...mark })));
  const thrown = reports.filter(({ exception }) => exception !== undefined);
  const slowest = [...reports].sort((a, b) => b.ms - a.ms)[0];
  console.log(`${folder}
  files       ${reports.length} with BPF of ${files} (left out: ${vmlinux} vmlinux*.h, ${large} too large)
  errors      ${share(reports.filter((report) => report.errors > 0).length, reports.length)} files do not parse
  found       ${sum("programs")} programs, ${sum("maps")} maps, ${sum("calls")} calls
  SEC marks   ${sum("marks")}: ${becameText(reports)}; ${lost.length} not accounted for
  no mark     ${sum("made")} programs and maps have no SEC of their own: macros and attributes make them
  exceptions  ${thrown.length}
  time        ${Math.round(sum("ms"))} ms for ${Math.round(sum("bytes") / 1024)} KB; slowest ${slowest === undefined ? "-" : `${slowest.ms.toFixed(1)} ms ${slowest.path}`}`);
  few(thrown, ({ path, exception }) => `  THROWN      ${path}\n${exception}`);
  few(lost, ({ path, line, why, text }) => `  LOST MARK   ${path}:${line}: ${why}: ${text}`);
  printErrors(reports);
  console.log("");
}

/** @param {Report[]} reports */
function becameText(reports) {
  /** @type {Record<string, number>} */
  const total = {};
  for (const { became } of reports)
    for (const [kind, count] of Object.entries(became)) total[kind] = (total[kind] ?? 0) + count;
  return Object.entries(total)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}

/** @param {Report[]} reports */
function printErrors(reports) {
  const places = reports.flatMap(({ path, firstError }) => (firstError === undefined ? [] : [{ path, ...firstError }]));
  if (options.errors === true) {
    for (const { path, line, text } of places) console.log(`  ERROR       ${path}:${line}: ${text}`);
    return;
  }
  few(
    ranked(places, ({ shape }) => shape),
    ({ name, members: [example, ...more] }) => {
      const where = example === undefined ? "" : `${example.path}:${example.line}: ${example.text}`;
      return `  CAUSE ${String(more.length + 1).padStart(4)}  ${name}\n              ${where}`;
    },
  );
}

/** @template T @param {T[]} items @param {(item: T) => string} line */
function few(items, line) {
  const shown = options.all === true ? items : items.slice(0, FEW);
  for (const item of shown) console.log(line(item));
  if (shown.length < items.length) console.log(`  … and ${items.length - shown.length} more (--all)`);
}
