// @ts-check
/**
 * `npm run data:verify [check…]`: compares what we say with the running kernel, installed libraries and sources. Each file
 * of `verify/` is one check. Exits with 1 when a disagreement is not explained in `verify/explained.json`.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { baseIn } from "./verify/support/base.mjs";
import { judge, report } from "./verify/support/judge.mjs";

const DATA = fileURLToPath(new URL("..", import.meta.url));
const CHECKS = fileURLToPath(new URL("verify", import.meta.url));

try {
  await verify(process.argv.slice(2));
} catch (error) {
  console.error(`data:verify: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {readonly string[]} names none: all of them */
async function verify(names) {
  const known = readdirSync(CHECKS)
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => file.slice(0, -".mjs".length));
  const wrong = names.filter((name) => !known.includes(name));
  if (wrong.length > 0) throw new Error(`no check is called ${wrong.join(", ")}; there are ${known.join(", ")}`);
  const { entries } = JSON.parse(readFileSync(join(CHECKS, "explained.json"), "utf8"));
  for (const check of known.filter((name) => names.length === 0 || names.includes(name))) {
    const { run } = await import(new URL(`verify/${check}.mjs`, import.meta.url).href);
    const verdict = judge(check, await run(baseIn(DATA)), entries);
    for (const line of report(verdict)) console.log(line);
    if (!verdict.passed) process.exitCode = 1;
  }
}
