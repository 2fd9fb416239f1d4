// @ts-check
/** Prints what rules find in real files: `findings.mjs [--rule ID]… [--target KERNEL]… [--severity error,warning] [--limit N] PATH…`. */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rule: { type: "string", multiple: true },
    target: { type: "string", multiple: true },
    loader: { type: "string" },
    severity: { type: "string" },
    limit: { type: "string" },
  },
});
if (positionals.length === 0) {
  console.error("usage: findings.mjs [--rule ID]… [--target KERNEL]… [--severity LIST] [--limit N] PATH…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const names = { distribution: kb.distribution, profile: () => undefined };
const { targets } = core.readTargets(options.target ?? [], names);
const rules = core.rules.filter((/** @type {any} */ { meta }) => options.rule?.includes(meta.id) ?? true);
// Whoever names a rule wants to hear it.
const severities = Object.fromEntries(
  rules
    .filter((/** @type {any} */ { meta }) => meta.off && options.rule !== undefined)
    .map((/** @type {any} */ { meta }) => [meta.id, meta.severity]),
);
const wanted = options.severity?.split(",");

/** @type {Map<string, number>} */
const counts = new Map();
let crashes = 0;
const sources = await sourcesOf(core, positionals);
for (const source of sources) {
  const { model, tree } = core.build(source.text, { headers: await core.headersOf(source) });
  const context = { model, kb, targets, loader: options.loader ?? "libbpf", arch: "" };
  const onCrash = (/** @type {string} */ rule, /** @type {any} */ error) => {
    crashes++;
    console.log(`${source.path}: ${rule} crashed: ${error.stack}`);
  };
  for (const { rule, range, severity, message } of core.lint(context, { rules, severities, onCrash })) {
    if (wanted !== undefined && !wanted.includes(severity)) continue;
    const count = (counts.get(rule.id) ?? 0) + 1;
    counts.set(rule.id, count);
    if (count > Number(options.limit ?? Number.POSITIVE_INFINITY)) continue;
    console.log(`${source.path}:${range.start.line + 1}: ${severity}: ${message} [${rule.id}]`);
  }
  tree.dispose();
}
for (const [rule, count] of [...counts].sort()) console.log(`${rule}: ${count}`);
console.log(`${sources.length} files, ${[...counts.values()].reduce((a, b) => a + b, 0)} findings, ${crashes} crashes`);
process.exitCode = crashes > 0 ? 1 : 0;
