// @ts-check
/**
 * Applies every fix to real files, without writing them: `fixes.mjs [--target KERNEL]… [--safe] PATH…`.
 *
 * What is fixed must hold no finding that has such a fix, must not change when it is fixed again, and must parse as well as
 * before. The exit code is 1 when some file does not.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: "string", multiple: true }, safe: { type: "boolean" } },
});
if (positionals.length === 0) {
  console.error("usage: fixes.mjs [--target KERNEL]… [--safe] PATH…");
  process.exit(2);
}
/** As `hookpoint check --fix`. */
const ROUNDS = 10;

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const { targets } = core.readTargets(options.target ?? [], { distribution: kb.distribution, profile: () => undefined });

let [fixed, files, bad] = [0, 0, 0];
/** @type {Map<string, number>} */
const counts = new Map();
const sources = await sourcesOf(core, positionals);
for (const source of sources) {
  const before = await look(source, source.text);
  let { text } = source;
  let now = before;
  let rounds = 0;
  for (; rounds < ROUNDS; rounds++) {
    const next = core.applyFixes(text, now.findings, { unsafe: !options.safe });
    for (const { rule } of next.applied) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
    fixed += next.applied.length;
    if (next.text === text) break;
    text = next.text;
    now = await look(source, text);
  }
  if (rounds > 0) files++;
  if (rounds === ROUNDS) complain(source.path, `is not done after ${ROUNDS} rounds`, now.findings);
  if (now.errors > before.errors) complain(source.path, `had ${before.errors} syntax errors, has ${now.errors}`, []);
}
for (const [rule, count] of [...counts].sort()) console.log(`${rule}: ${count}`);
console.log(`${fixed} fixes in ${files} of ${sources.length} files; ${bad} files went wrong`);
process.exitCode = bad > 0 ? 1 : 0;

/** @param {import("./corpus.mjs").Source} source @param {string} text */
async function look(source, text) {
  const { model, tree } = core.build(text, { headers: await core.headersOf({ ...source, text }) });
  const findings = core.lint({ model, kb, targets, loader: "libbpf", arch: "" });
  const errors = model.errors().length;
  tree.dispose();
  return { findings, errors };
}

/** @param {string} path @param {string} what @param {readonly any[]} findings */
function complain(path, what, findings) {
  bad++;
  const rules = new Set(findings.filter(({ fixes }) => fixes?.length).map(({ rule }) => rule.id));
  console.log(`${path}: ${what}${rules.size > 0 ? `: ${[...rules].join(", ")}` : ""}`);
}
