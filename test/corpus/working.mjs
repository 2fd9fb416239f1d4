// @ts-check
/**
 * Findings in programs that work: `working.mjs --loader FILE [--flag FLAG]… [--target KERNEL] PATH…`.
 *
 * Every file with a finding of severity error or warning is built with clang and its programs are loaded one by one, with
 * the loader that is test/kernel/load.c linked with a libbpf of your choice. A finding in what builds and loads, or in what
 * its own test marks as loading, is either untrue or needs an explanation; the list is what somebody must read.
 */

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { findClang } from "../vscode/process.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const run = promisify(execFile);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    loader: { type: "string" },
    target: { type: "string", multiple: true },
    flag: { type: "string", multiple: true },
    rule: { type: "string", multiple: true },
  },
});
const { loader } = options;
if (positionals.length === 0 || loader === undefined) {
  console.error("usage: working.mjs --loader FILE [--flag FLAG]… [--rule ID]… [--target KERNEL]… PATH…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const rules = core.rules.filter((/** @type {any} */ { meta }) => options.rule?.includes(meta.id) ?? true);
const names = { distribution: kb.distribution, profile: () => undefined };
const { targets } = core.readTargets(options.target ?? [], names);
const folder = mkdtempSync(join(tmpdir(), "hookpoint-working-"));
const clang = findClang() ?? "clang";

/** @typedef {{ place: string, finding: any, fn: string | undefined, mark: string | undefined }} Listed */
/** @type {Map<string, string[]>} */
const groups = new Map();
const sources = await sourcesOf(core, positionals);
for (const source of sources) {
  const listed = await findingsIn(source);
  if (listed.length === 0) continue;
  const tried = await tryOut(source.path);
  for (const one of listed) {
    const verdict = verdictOn(one, tried);
    groups.set(verdict, [
      ...(groups.get(verdict) ?? []),
      `${one.place}: ${one.finding.severity}: ${one.finding.message} [${one.finding.rule.id}]`,
    ]);
  }
}
rmSync(folder, { recursive: true, force: true });
for (const [verdict, lines] of [...groups].sort()) {
  console.log(`\n${verdict}: ${lines.length}`);
  for (const line of lines) console.log(`  ${line}`);
}
console.log(`\n${sources.length} files`);

/** @param {import("./corpus.mjs").Source} source @returns {Promise<Listed[]>} */
async function findingsIn(source) {
  const { model, lines, tree } = core.build(source.text, { headers: await core.headersOf(source) });
  const context = { model, kb, targets, loader: "libbpf", arch: "" };
  /** @type {any[]} */
  const findings = core.lint(context, { rules });
  const listed = findings
    .filter(({ severity }) => severity === "error" || severity === "warning")
    .map((finding) => {
      const at = lines.offsetAt(finding.range.start);
      const fn = model.functions.find(
        (/** @type {any} */ { range }) => lines.offsetAt(range.start) <= at && at < lines.offsetAt(range.end),
      );
      return {
        place: `${source.path}:${finding.range.start.line + 1}`,
        finding,
        fn: fn?.name,
        mark: markOf(source.text, fn, lines),
      };
    });
  tree.dispose();
  return listed;
}

/** What the selftests say of a program before its name. @param {string} text @param {any} fn @param {any} lines */
function markOf(text, fn, lines) {
  if (fn === undefined) return undefined;
  const start = lines.offsetAt(fn.range.start);
  return /__(success|failure)\b/.exec(text.slice(start, lines.offsetAt(fn.nameRange.end)))?.[1];
}

/** @param {string} path @returns {Promise<{ built: boolean, programs: Map<string, number> }>} */
async function tryOut(path) {
  const object = join(folder, `${basename(path)}.o`);
  const flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-w", ...(options.flag ?? []), "-I", dirname(path)];
  try {
    await run(clang, [...flags, "-c", path, "-o", object], { maxBuffer: 1 << 26 });
  } catch {
    return { built: false, programs: new Map() };
  }
  const { stdout } = await run(loader ?? "", ["-p", object], { maxBuffer: 1 << 28 }).catch(() => ({ stdout: "" }));
  const programs = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"))
    .map(([, name = "", errno]) => /** @type {[string, number]} */ ([name, Number(errno)]));
  return { built: true, programs: new Map(programs) };
}

/** @param {Listed} listed @param {{ built: boolean, programs: Map<string, number> }} tried */
function verdictOn({ fn, mark }, { built, programs }) {
  if (mark === "failure") return "meant to fail";
  if (mark === "success") return "IN WHAT WORKS: marked as loading";
  if (!built) return "does not build here";
  const errno = fn === undefined ? undefined : programs.get(fn);
  if (errno === 0) return "IN WHAT WORKS: the program loads here";
  if (errno !== undefined) return "the program is refused here";
  const results = [...programs.values()];
  if (results.length === 0) return "IN WHAT WORKS: builds, has no program";
  if (results.every((one) => one === 0)) return "IN WHAT WORKS: every program of the file loads here";
  return results.includes(0)
    ? "IN WHAT WORKS: some program of the file loads here"
    : "no program of the file loads here";
}
