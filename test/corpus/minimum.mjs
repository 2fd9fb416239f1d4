// @ts-check
/**
 * Prints the lowest kernel of real files, with the chain of reasons: `minimum.mjs [--loader LOADER] [--brief] PATH…`. It fails
 * where a rule about kernels still warns of something at the minimum: both must say the same.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { loader: { type: "string" }, brief: { type: "boolean" } },
});
if (positionals.length === 0) {
  console.error("usage: minimum.mjs [--loader LOADER] [--brief] PATH…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));

const about = core.rules.filter((/** @type {any} */ { meta, walks }) => meta.group === "kernels" && walks !== true);
let contradictions = 0;

/** What rules warn of on a release. @param {any} model @param {string} release */
function warnings(model, release) {
  const { targets } = core.readTargets([release], { distribution: () => undefined, profile: () => undefined });
  const context = { model, kb, targets, loader: options.loader ?? "libbpf", arch: "" };
  const onCrash = (/** @type {string} */ _, /** @type {unknown} */ error) => {
    throw error;
  };
  const found = [...core.lint(context, { rules: about, severities: {}, onCrash })];
  return found.filter(({ severity }) => severity === "error" || severity === "warning");
}

/** @type {number[]} */
const times = [];
/** @type {Map<string, number>} */
const counts = new Map();
for (const source of await sourcesOf(core, positionals)) {
  const { model, tree } = core.build(source.text, { headers: await core.headersOf(source) });
  const began = performance.now();
  const found = core.minimumOf(model, kb, options.loader ?? "libbpf");
  times.push(performance.now() - began);
  counts.set(found.release ?? "none", (counts.get(found.release ?? "none") ?? 0) + 1);
  const perhaps = found.perhaps === undefined ? "" : ` (perhaps ${found.perhaps})`;
  console.log(`${source.path}: ${found.release ?? "none"}${perhaps}`);
  if (!options.brief) {
    for (const { since, maybe, what, range, places, remark } of found.reasons) {
      const hedge = maybe === undefined ? "" : `, perhaps ${maybe}`;
      const more = places > 1 ? `, ${places} places` : "";
      const aside = remark === undefined ? "" : `: ${remark}`;
      console.log(`  ${since ?? "never"}${hedge}  ${what} (line ${range.start.line + 1}${more})${aside}`);
    }
    for (const { release, without, isChoice } of found.lowered) {
      const parts = without.map((/** @type {any} */ { what, range }) => `${what} (line ${range.start.line + 1})`);
      console.log(`  ${isChoice ? "or" : "without"} ${parts.join(", ")}: ${release}`);
    }
    if (found.asked.length > 0)
      console.log(`  asked first: ${found.asked.map((/** @type {any} */ { what }) => what).join(", ")}`);
    if (found.unknown.length > 0) console.log(`  unknown: ${found.unknown.join(", ")}`);
  }
  for (const { message, rule, range } of found.release === undefined ? [] : warnings(model, found.release)) {
    contradictions++;
    console.log(`  but on ${found.release}, line ${range.start.line + 1}: ${message} [${rule.id}]`);
  }
  tree.dispose();
}
times.sort((a, b) => a - b);
const at = (/** @type {number} */ share) =>
  (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
console.log(
  [...counts]
    .sort()
    .map(([release, count]) => `${release}: ${count}`)
    .join(", "),
);
console.log(`${times.length} files, ${at(0.5)} ms in the middle, p99 ${at(0.99)} ms, at most ${at(1)} ms`);
console.log(`${contradictions} contradictions`);
process.exitCode = contradictions > 0 ? 1 : 0;
