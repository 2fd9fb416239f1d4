// @ts-check
/**
 * Whether fixed programs work: `fixed-builds.mjs --loader FILE [--flag FLAG]… [--target KERNEL]… [--rule ID]… [--keep DIR] PATH…`.
 *
 * Every file that clang builds is fixed: by each rule alone, by all together, and by each alternative that a rule offers
 * beside its first fix. What comes out must build, and a program that loaded must load. The fixed text of what does not is
 * written to the folder of `--keep`. The exit code is 1 when something does not.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { builder, HEAVY } from "./building.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    loader: { type: "string" },
    flag: { type: "string", multiple: true },
    target: { type: "string", multiple: true },
    rule: { type: "string", multiple: true },
    keep: { type: "string" },
  },
});
const { loader, keep } = options;
if (positionals.length === 0 || loader === undefined) {
  console.error("usage: fixed-builds.mjs --loader FILE [--flag FLAG]… [--target KERNEL]… [--rule ID]… PATH…");
  process.exit(2);
}
/** As `hookpoint check --fix`. */
const ROUNDS = 10;

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const names = { distribution: kb.distribution, profile: () => undefined };
const { targets } = core.readTargets(
  (options.target ?? []).flatMap((one) => one.split(",")),
  names,
);
/** @type {any[]} */
const rules = core.rules.filter((/** @type {any} */ { meta }) => options.rule?.includes(meta.id) ?? true);
const { build, load, dispose } = builder({ loader, flags: options.flag ?? [] });
if (keep !== undefined) await mkdir(keep, { recursive: true });

/** @typedef {{ name: string, text: string }} Variant */
/** @type {Map<string, number>} */
const counts = new Map();
let [tried, unbuilt, bad] = [0, 0, 0];
for (const source of await sourcesOf(core, positionals)) {
  if (!source.path.endsWith(".c")) continue;
  const variants = await variantsOf(source);
  if (variants.length === 0) continue;
  const before = await works(source.path, source.text);
  if (before.says !== "") {
    unbuilt++;
    continue;
  }
  tried++;
  for (const { name, text } of variants) {
    for (const one of name.split(" ")) counts.set(one, (counts.get(one) ?? 0) + 1);
    const after = await works(source.path, text);
    const lost = [...before.programs].filter(([program, error]) => error === 0 && after.programs.get(program) !== 0);
    if (after.says === "" && lost.length === 0) continue;
    bad++;
    const programs = lost.map(([program]) => `${program} (${after.programs.get(program) ?? "gone"})`);
    console.log(`${source.path} [${name}]: ${after.says || `no longer loads: ${programs.join(", ")}`}`);
    if (keep !== undefined) await writeFile(join(keep, `${name.replaceAll(" ", "_")}-${basename(source.path)}`), text);
  }
}
dispose();
for (const [name, count] of [...counts].sort()) console.log(`${name}: ${count}`);
console.log(`${tried} files fixed, ${unbuilt} more do not build unfixed; ${bad} times something went wrong`);
process.exitCode = bad > 0 ? 1 : 0;

/** What the fixes make of a file. Those that make the same are one. @param {import("./corpus.mjs").Source} source */
async function variantsOf(source) {
  const found = await findingsIn(source, source.text, rules);
  const fixing = rules.filter(({ meta }) => found.some(({ rule, fixes }) => rule === meta && fixes?.length));
  /** @type {Map<string, string[]>} */
  const variants = new Map();
  const add = (/** @type {string} */ name, /** @type {string} */ text) => {
    if (text !== source.text) variants.set(text, [...(variants.get(text) ?? []), name]);
  };
  for (const rule of fixing) {
    const { id } = rule.meta;
    add(id, await fixed(source, [rule]));
    const findings = found.filter((finding) => finding.rule === rule.meta);
    const most = Math.max(...findings.map(({ fixes }) => fixes?.length ?? 0));
    for (let nth = 1; nth < most; nth++)
      add(`${id}#${nth + 1}`, core.applyFixes(source.text, only(findings, nth), { unsafe: true }).text);
  }
  const together = fixing.filter(({ meta }) => !meta.off);
  if (together.length > 1) add("all", await fixed(source, together));
  return [...variants].map(([text, of]) => ({ name: of.join(" "), text }));
}

/** @param {any[]} findings @param {number} nth */
function only(findings, nth) {
  return findings.map((finding) => ({ ...finding, fixes: finding.fixes?.slice(nth, nth + 1) }));
}

/** @param {import("./corpus.mjs").Source} source @param {any[]} by */
async function fixed(source, by) {
  let { text } = source;
  for (let round = 0; round < ROUNDS; round++) {
    const next = core.applyFixes(text, await findingsIn(source, text, by), { unsafe: true });
    if (next.text === text) break;
    text = next.text;
  }
  return text;
}

/** @param {import("./corpus.mjs").Source} source @param {string} text @param {any[]} by @returns {Promise<any[]>} */
async function findingsIn(source, text, by) {
  const { model, tree } = core.build(text, { headers: await core.headersOf({ ...source, text }) });
  // A rule that is off by itself is one that somebody may ask for.
  const severities = Object.fromEntries(by.map(({ meta }) => [meta.id, meta.severity]));
  const findings = core.lint({ model, kb, targets, loader: "libbpf", arch: "" }, { rules: by, severities });
  tree.dispose();
  return findings;
}

/** @param {string} path @param {string} text */
async function works(path, text) {
  const { object, says } = await build(path, text);
  /** @type {import("./building.mjs").Programs} */
  const programs = object === undefined || HEAVY.test(path) ? new Map() : await load(object);
  return { says, programs };
}
