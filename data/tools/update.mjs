// @ts-check
/** `npm run data:update`: reads the facts from the pinned upstream revisions and writes `data/facts/`. Needs network. */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchUpstreams, readPins } from "./upstream.mjs";

const DATA = fileURLToPath(new URL("..", import.meta.url));
const GENERATED = "by npm run data:update from data/upstream.json; do not edit, see data/README.md";

try {
  await update();
} catch (error) {
  console.error(`data:update: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function update() {
  const upstreams = fetchUpstreams(readPins(DATA));
  mkdirSync(join(DATA, "facts"), { recursive: true });
  for (const kind of kinds()) {
    const { extract } = await import(new URL(`extract/${kind}.mjs`, import.meta.url).href);
    const { entries, disagreements } = extract(upstreams);
    writeFileSync(join(DATA, "facts", `${kind}.json`), factsFile(entries));
    report(kind, entries.length, disagreements);
  }
}

/** The folder is the registry: one extractor, one file, one kind of fact. */
function kinds() {
  const files = readdirSync(new URL("extract", import.meta.url)).filter((file) => file.endsWith(".mjs"));
  return files.map((file) => file.slice(0, -".mjs".length)).sort();
}

/** One entry per line, so that a diff shows what upstream changed. @param {readonly object[]} entries */
function factsFile(entries) {
  const lines = entries.map((entry) => JSON.stringify(entry)).join(",\n");
  return `{"generated":${JSON.stringify(GENERATED)},"entries":[\n${lines}\n]}\n`;
}

/** @param {string} kind @param {number} count @param {readonly string[]} disagreements */
function report(kind, count, disagreements) {
  console.log(`${kind}: ${count} entries, ${disagreements.length} disagreements between sources`);
  for (const disagreement of disagreements) console.log(`  ${disagreement}`);
}
