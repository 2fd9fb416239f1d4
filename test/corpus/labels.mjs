// @ts-check
/**
 * Writes down what a kernel says of real programs, for detection.mjs and working.mjs: one line of JSON for each program.
 *
 *   npm run build
 *   unshare -m -n node test/corpus/labels.mjs --out loads.jsonl [--flag FLAG]… [--beside FOLDER]… [--on KERNEL] PATH…
 *
 * Every C file below the paths is built with clang and `hookpoint verify` asks the kernel about each of its programs. `--flag`
 * goes to clang; `--beside headers` adds the folder of that name beside each source; `--on 6.12` asks a kernel in a guest.
 * Files by whose name they keep a verifier busy for minutes are left out, and `--skip PATTERN` leaves out more.
 *
 * Labelled sets, brought to a folder outside of this repository: the programs of test/kernel/refusals here; the kernel's
 * tools/testing/selftests/bpf/progs with `--flag -I…/bpf`; the cases of bpfix-bench with `--beside headers` and
 * `--beside headers/progs`; the test cases of pretty-verifier.
 */

import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { findClang } from "../vscode/process.mjs";
import { HEAVY } from "./building.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

/**
 * @typedef {object} Label
 * @property {string} file
 * @property {string} [kernel]
 * @property {string} [program] none where a file cannot be built or its object not be opened
 * @property {boolean} [loads]
 * @property {string} [message]
 * @property {string} [family] of the catalogue
 * @property {string} [class] whose fault it is: source, lowering, environment, limit
 * @property {string} [blamedFile] where another file is blamed than the one that was built
 * @property {number} [line] the line that is blamed, from 1
 * @property {readonly string[]} [rules] the family's
 */

/** How a kernel, or our agent before it, refuses a map because of its size. */
const UNSIZED = ["map-not-created", "maps-too-large"];
const ENTRIES = 64;
const run = promisify(execFile);
const CLI = fileURLToPath(new URL("../../dist/server/cli.js", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string" },
    flag: { type: "string", multiple: true, default: [] },
    beside: { type: "string", multiple: true, default: [] },
    on: { type: "string" },
    skip: { type: "string" },
    jobs: { type: "string", default: "2" },
    seconds: { type: "string", default: "30" },
  },
});
const { out } = options;
if (positionals.length === 0 || out === undefined) {
  console.error("usage: labels.mjs --out FILE [--flag FLAG]… [--beside FOLDER]… [--on KERNEL] [--skip PATTERN] PATH…");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "hookpoint-labels-"));
const clang = findClang() ?? "clang";
// Kept, a guest need not start for each object.
const asked = options.on === undefined ? [] : ["--on", options.on, "--keep", "5"];
const timeout = 1000 * Number(options.seconds);
const skip = options.skip === undefined ? undefined : new RegExp(options.skip);
const sources = (await sourcesOf(await loadCore(), positionals))
  .map(({ path }) => path)
  .filter((path) => path.endsWith(".c") && !HEAVY.test(basename(path)) && !skip?.test(path));
writeFileSync(out, "");
const waiting = sources.entries();
await Promise.all(Array.from({ length: Number(options.jobs) }, work));
rmSync(folder, { recursive: true, force: true });

async function work() {
  for (const [at, path] of waiting) {
    const labels = await labelsOf(path, join(folder, `${at}.bpf.o`));
    appendFileSync(out ?? "", labels.map((label) => `${JSON.stringify(label)}\n`).join(""));
  }
}

/** @param {string} file @param {string} object @returns {Promise<Label[]>} */
async function labelsOf(file, object) {
  const beside = options.beside.map((name) => `-I${join(dirname(file), name)}`);
  const flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-w", ...beside, "-I", dirname(file), ...options.flag];
  try {
    await build([...flags, "-c", file, "-o", object]);
    const labels = await ask(file, object);
    if (!labels.some(({ family = "" }) => UNSIZED.includes(family))) return labels;
    await buildWithSizes(file, flags, object);
    return await ask(file, object);
  } catch (/** @type {any} */ { stderr }) {
    return [{ file, message: /\berror: .*/.exec(stderr ?? "")?.[0] ?? "clang did not end" }];
  } finally {
    rmSync(object, { force: true });
  }
}

/** @param {readonly string[]} args */
function build(args) {
  return run(clang, args, { maxBuffer: 1 << 28, timeout });
}

/**
 * Many tools set the sizes of maps before they load them: here these get some. What would need more memory than a test may
 * take gets less; arrays keep theirs, because the verifier goes by it. Lines stay where they are.
 * @param {string} file @param {readonly string[]} flags @param {string} object
 */
async function buildWithSizes(file, flags, object) {
  const { stdout } = await build([...flags, "-E", file]);
  await writeFile(`${object}.i`, stdout.replace(/(?<=\{)[^{}]*\(\*type\)\[\w+\][^{}]*(?=\})/g, withSizes));
  await build([...flags, "-x", "cpp-output", "-c", `${object}.i`, "-o", object]);
  rmSync(`${object}.i`);
}

/** @param {string} members of a map */
function withSizes(members) {
  const is = (/** @type {RegExp} */ type) => type.test(/\(\*type\)\[(\w+)\]/.exec(members)?.[1] ?? "");
  const has = (/** @type {string} */ name) => new RegExp(`\\*\\s*${name}\\)|\\*${name};`).test(members);
  const small = is(/HASH|STACK_TRACE/) ? members.replace(/(?<=\(\*max_entries\))\[[^\]]*\]/, `[${ENTRIES}]`) : members;
  const entries = has("max_entries") ? "" : `int (*max_entries)[${is(/RINGBUF/) ? 4096 : ENTRIES}];`;
  const stacks = is(/STACK_TRACE/) && !has("value_size") && !has("value") ? "int (*value_size)[1016];" : "";
  return `${small}${entries}${stacks}`;
}

/** @param {string} file @param {string} object @returns {Promise<Label[]>} */
async function ask(file, object) {
  const args = [CLI, "verify", "--format", "json", ...asked, object];
  // Its exit code says that something was refused, which is what we are after.
  const { stdout, stderr } = await run(process.execPath, args, { maxBuffer: 1 << 28, timeout }).catch((error) => error);
  const answered = stdout ? JSON.parse(stdout).files?.[0] : undefined;
  if (answered === undefined) return [{ file, message: String(stderr ?? "").trim() || "no answer" }];
  const { release: kernel, programs, answers } = answered;
  return [
    ...answers.map((/** @type {any} */ answer) => ({ file, kernel, ...reasonOf(answer, file) })),
    ...programs.map((/** @type {any} */ { name, verdict, answers: [first] }) => ({
      file,
      kernel,
      program: name,
      loads: verdict === "accepted",
      ...(verdict === "accepted" || first === undefined ? {} : reasonOf(first, file)),
    })),
  ];
}

/** @param {any} answer @param {string} file @returns {Partial<Label>} */
function reasonOf({ said, family, class: of, place, rules }, file) {
  const elsewhere = place !== undefined && basename(place.file) !== basename(file);
  return {
    message: said,
    family,
    class: of,
    rules,
    ...(place === undefined ? {} : { line: place.line }),
    ...(elsewhere ? { blamedFile: place.file } : {}),
  };
}
