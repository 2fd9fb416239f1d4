// @ts-check
/**
 * Asks hover, completion and signature help at every identifier of real files: `sweep.mjs [--files N] DIR…`.
 *
 * Each file is asked as in the editor, one snapshot for all requests. The exit code is 1 when something threw, or when one
 * request of a hundred took longer than would be felt.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildKnowledge } from "../../data/tools/build.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

/** A request that takes longer is felt. */
const LIMIT_MS = 20;
const SHOWN = 5;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { files: { type: "string" } },
});
if (positionals.length === 0) {
  console.error("usage: sweep.mjs [--files N] DIR…");
  process.exit(2);
}

const core = await loadCore();
const kb = core.knowledgeBase(buildKnowledge(fileURLToPath(new URL("../../data", import.meta.url))));
const view = { targets: core.readTargets("5.4, 6.1").targets, loader: "libbpf" };
const asked = {
  hover: (/** @type {any} */ file, /** @type {any} */ position) => core.hover(file, kb, position, view),
  completion: (/** @type {any} */ file, /** @type {any} */ position) => core.completion(file, kb, position, view),
  signature: (/** @type {any} */ file, /** @type {any} */ position) => core.signatureHelp(file, kb, position, view),
};
/** @type {Map<string, { times: number[], answers: number }>} */
const results = new Map(Object.keys(asked).map((name) => [name, { times: [], answers: 0 }]));
/** @type {string[]} */
const failures = [];

const all = await sourcesOf(core, positionals);
const sources = all.slice(0, Number(options.files ?? all.length));
for (const source of sources) {
  const { path } = source;
  const text = await readFile(join(path), "utf8");
  const { model, lines, tree } = core.build(text, { headers: await core.headersOf(source) });
  const file = { uri: `file://${path}`, text, lines, model };
  for (const found of text.matchAll(/[A-Za-z_]\w*/g)) {
    // In the middle of a name, where a hover and a completion are both asked.
    const position = lines.positionAt(found.index + Math.ceil(found[0].length / 2));
    for (const [name, ask] of Object.entries(asked)) {
      const start = performance.now();
      try {
        const answer = ask(file, position);
        const result = results.get(name);
        if (answer) result && result.answers++;
        result?.times.push(performance.now() - start);
      } catch (error) {
        failures.push(`${path}:${position.line + 1}:${position.character + 1}: ${name}: ${error}`);
      }
    }
  }
  tree.dispose();
}

let slow = false;
for (const [name, { times, answers }] of results) {
  times.sort((a, b) => a - b);
  const at = (/** @type {number} */ share) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const p99 = at(0.99);
  slow ||= p99 > LIMIT_MS;
  console.log(
    `${name}: ${times.length} asked in ${sources.length} files, ${answers} answered; median ${at(0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, slowest ${at(1).toFixed(1)} ms`,
  );
}
console.log(`${failures.length} exceptions`);
for (const failure of failures.slice(0, SHOWN)) console.log(`  ${failure}`);
process.exitCode = failures.length > 0 || slow ? 1 : 0;
