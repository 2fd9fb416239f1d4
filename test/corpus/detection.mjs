// @ts-check
/**
 * How much of what kernels refuse our rules see before it is built: `detection.mjs [--missed FAMILY|all] [--skip PATTERN]
 * [--target KERNEL]… LABELS…`.
 *
 * The labels are what labels.mjs wrote, or a folder of programs that say of themselves how they are refused, as those of
 * test/kernel/refusals do. A refusal is seen when a finding stands at or before the line that the kernel blames, in the same
 * function or in one that calls it or that it calls, or names a place in it (anywhere in that function, where the line is
 * that of the macro which makes it, or where the verifier gave up); apart from that, whether one of the rules is among them that the
 * message's family names, which is what makes the editor show both as one thing. Left out is what the kernel refuses for
 * reasons of its own or of an old libbpf, what another kernel of the lists loads, what a loader refuses, what a macro of the file makes, and what
 * is written in assembler: the blamed line itself, a function that does nothing else, or a variable of that line that a
 * statement in assembler writes to further up.
 */

import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ranked } from "./corpus.mjs";
import { classOf, needsRanges } from "./error-classes.mjs";
import { assemblerAt, functionAt, linter, markOf } from "./linter.mjs";

/** @typedef {import("./labels.mjs").Label} Label */
/** @typedef {import("./linter.mjs").Looked} Looked */
/** @typedef {"loud" | "quiet" | "missed"} Seen loud is an error or a warning, quiet is less */
/** @typedef {{ label: Label, set: string, seen: Seen, named: boolean, code: string, near: string, unwalked: string }} Judged */

const LONGEST_STATEMENT = 10;
/** Of these the verifier names the line at which it happened to be when it gave up. */
const GAVE_UP = new Set(["too-many-instructions", "too-many-jumps"]);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    missed: { type: "string", multiple: true, default: [] },
    skip: { type: "string" },
    target: { type: "string", multiple: true },
  },
});
if (positionals.length === 0) {
  console.error("usage: detection.mjs [--missed FAMILY|CLASS|all]… [--skip PATTERN] [--target KERNEL]… LABELS…");
  process.exit(2);
}

const { core, look } = await linter({ target: options.target ?? [] });
/** @type {Map<string, readonly string[]>} */
const rulesOf = new Map(core.families.map((/** @type {any} */ { id, rules = [] }) => [id, rules]));
const byKernel = new Set(
  core.families
    .filter((/** @type {any} */ { by }) => by === "verifier" || by === "kernel")
    .map((/** @type {any} */ { id }) => id),
);
const left = { environment: 0, elsewhere: 0, loader: 0, assembler: 0, assembled: 0, macro: 0, unplaced: 0, meant: 0 };
/** @type {Judged[]} */
const judged = [];
/** The same program may be in several lists, asked about on several kernels. @type {Set<string>} */
const known = new Set();
/** @type {Set<string>} */
const loading = new Set();
const lists = await Promise.all(positionals.map(listOf));
for (const list of lists) for (const label of list) if (label.loads) loading.add(keyOf(label));
for (const [nth, path] of positionals.entries()) {
  for (const { name: file, members } of ranked(refusalsOf(lists[nth] ?? []), (label) => label.file)) {
    const source = { path: file, text: await readFile(file, "utf8") };
    const looked = await look(source);
    for (const label of members) {
      const key = keyOf(label);
      if (known.has(key) || (label.program === "" && known.has(resolve(file)))) continue;
      known.add(key).add(resolve(file));
      const one = judge(label, looked, source.text);
      if (one !== undefined) judged.push({ ...one, set: basename(path, ".jsonl") });
    }
  }
}

table("by class", (one) => classOf(one.label));
table("by family", ({ label }) => `${label.family ?? "unknown"}${needsRanges(label) ? " (value ranges)" : ""}`);
table("by set", ({ set }) => set);
table("by what is needed", ({ label }) => (needsRanges(label) ? "value ranges" : "no value ranges"));
table("", () => "all");
console.log(
  `\nleft out: ${left.environment} refused for reasons of this kernel's, ${left.elsewhere} loaded by another, ${left.loader} by the loader, ${left.meant} marked ` +
    `as loading, ${left.assembler} in assembler, ${left.assembled} of what assembler made, ${left.macro} made by a macro, ${left.unplaced} not in the file`,
);
for (const wanted of options.missed) listMissed(wanted);

/** @param {Label} label */
function keyOf({ file, program }) {
  return `${resolve(file)} ${program}`;
}

/** @param {string} path @returns {Promise<Label[]>} */
async function listOf(path) {
  return (await stat(path)).isDirectory() ? labelsIn(path) : labelsOf(path);
}

/** @param {readonly Label[]} labels @returns {Label[]} */
function refusalsOf(labels) {
  const skip = options.skip === undefined ? undefined : new RegExp(options.skip);
  const refused = labels.filter(({ loads, file }) => loads === false && !skip?.test(file));
  return refused.filter((label) => {
    const { family } = label;
    const why = isOfThisKernel(label)
      ? "environment"
      : loading.has(keyOf(label))
        ? "elsewhere"
        : family !== undefined && !byKernel.has(family)
          ? "loader"
          : undefined;
    if (why !== undefined) left[why]++;
    return why === undefined;
  });
}

/**
 * Which functions may sleep is decided when a kernel is configured; and libbpf before 1.3 does not load the functions that
 * exceptions lead to. @param {Label} label
 */
function isOfThisKernel({ class: of, message = "" }) {
  return of === "environment" || /^\S+ is not sleepable$|^exception callback type id not found/m.test(message);
}

/** @param {string} path @returns {Promise<Label[]>} */
async function labelsOf(path) {
  const lines = (await readFile(path, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** @param {string} folder @returns {Promise<Label[]>} */
async function labelsIn(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".bpf.c"));
  return Promise.all(
    names.sort().map(async (name) => {
      const file = join(folder, name);
      const { family, class: of, line, program = "" } = core.expectationsOf(name, await readFile(file, "utf8"));
      return { file, program, loads: false, family, class: of, line };
    }),
  );
}

/** @param {Label} label @param {Looked} looked @param {string} text @returns {Omit<Judged, "set"> | undefined} */
function judge(label, { findings, functions, reaches, unwalked }, text) {
  const { program = "", family = "" } = label;
  const line = label.blamedFile === undefined ? label.line : undefined;
  const started = functions.find(({ name }) => name === program);
  const blamed = functionAt(functions, line) ?? started;
  if (blamed === undefined) return void left.unplaced++;
  if (markOf(started) === "success") return void left.meant++;
  if (!blamed.text.includes("{")) return void left.macro++;
  const assembled = started?.naked ? "assembler" : assemblerAt(blamed, line ?? blamed.from);
  if (assembled !== undefined) return void left[assembled]++;
  // A line of another function says nothing about the order in which things happen.
  const until =
    blamed === functionAt(functions, line) && !isWrapper(blamed, line) && !GAVE_UP.has(family)
      ? endOfStatement(text, line ?? blamed.to)
      : blamed.to;
  const related = (/** @type {string} */ name) => reaches(blamed.name).has(name) || reaches(name).has(blamed.name);
  const named = rulesOf.get(family) ?? [];
  const before = findings.filter(({ fn, line: at, rule, also }) => {
    // What stands outside of functions, a licence or a map, counts where the message is about it.
    if (fn === undefined) return named.includes(rule);
    return fn === blamed ? at <= until : related(fn.name) || also.includes(blamed);
  });
  const loud = before.some(({ severity }) => severity === "error" || severity === "warning");
  return {
    label,
    seen: loud ? "loud" : before.length > 0 ? "quiet" : "missed",
    named: before.some(({ rule }) => named.includes(rule)),
    code: line === undefined ? "" : (text.split("\n")[line - 1] ?? "").trim(),
    near: before.map(({ rule, line: at }) => `${rule}:${at}`).join(" "),
    unwalked: unwalked(program),
  };
}

/**
 * What stands in a body under BPF_PROG() is a function of its own, which clang inlines into the one that the macro makes:
 * what it moves or makes on the way, such as the reads of the arguments, has the line of the macro. So that line stands
 * for any place in the body, and says nothing about the order.
 * @param {import("./linter.mjs").Fn} fn @param {number | undefined} line from 1
 */
function isWrapper(fn, line) {
  return fn.wrapped && line !== undefined && line <= fn.head;
}

/** A verifier names the line on which a statement begins. @param {string} text @param {number} line both from 1 */
function endOfStatement(text, line) {
  const lines = text.split("\n");
  const after = lines.slice(line - 1, line + LONGEST_STATEMENT).findIndex((one) => /[;{}]/.test(one));
  return line + Math.max(0, after);
}

/** @param {string} title @param {(one: Judged) => string} key */
function table(title, key) {
  if (title !== "") console.log(`\n${title.padEnd(42)}refused  error/warning     less  rule of the family`);
  for (const { name, members } of ranked(judged, key)) {
    const count = (/** @type {(one: Judged) => boolean} */ test) => members.filter(test).length;
    const loud = count(({ seen }) => seen === "loud");
    const cells = [
      String(members.length).padStart(7),
      percent(loud, members.length).padStart(15),
      String(count(({ seen }) => seen === "quiet")).padStart(9),
      percent(
        count(({ named }) => named),
        members.length,
      ).padStart(20),
    ];
    console.log(`${name.padEnd(42)}${cells.join("")}`);
  }
}

/** @param {number} part @param {number} whole */
function percent(part, whole) {
  return `${part} (${Math.round((100 * part) / whole)} %)`;
}

/** @param {string} wanted a family, a class, or all */
function listMissed(wanted) {
  const of = judged.filter(
    ({ label, named, seen }) =>
      !(named && seen === "loud") && (wanted === "all" || label.family === wanted || classOf(label) === wanted),
  );
  console.log(`\nnot seen as an error or a warning by a rule of the family, ${wanted}: ${of.length}`);
  for (const { label, code, near, unwalked } of of) {
    const said = (label.message ?? "").split("\n").slice(0, 2).join(" / ");
    console.log(`${label.file}:${label.line ?? "?"}: ${label.program}: ${said} [${label.family ?? "unknown"}]`);
    if (code !== "") console.log(`    ${code}`);
    if (unwalked !== "") console.log(`    the program: ${unwalked}`);
    if (near !== "") console.log(`    beside it: ${near}`);
  }
}
