// @ts-check
// `npm run test:vscode [suite] [workbench] [answers] [navigating] [clangd] [linting] [paths] [reading] [minimum] [building] [verifying] [asking] [loading] [kernels] [web]`: the tests in the real VS Code. With HOOKPOINT_VSCODE=desktop the
// suite runs in a downloaded desktop VS Code, else in code-server; the scenarios always run in a browser.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "@vscode/test-electron";
import { build } from "esbuild";
import { answers } from "./answers.mjs";
import { asking } from "./asking.mjs";
import { building } from "./building.mjs";
import { clangd } from "./clangd.mjs";
import { kernels } from "./kernels.mjs";
import { linting } from "./linting.mjs";
import { loading } from "./loading.mjs";
import { minimum } from "./minimum.mjs";
import { navigating } from "./navigating.mjs";
import { paths } from "./paths.mjs";
import { findClang, firstLine, root, secondsSince } from "./process.mjs";
import { reading } from "./reading.mjs";
import { verifying } from "./verifying.mjs";
import { web } from "./web.mjs";
import { workbench } from "./workbench.mjs";

/** @typedef {import("./scenario.mjs").Counts} Counts */

const parts = {
  suite,
  workbench,
  answers,
  navigating,
  clangd,
  linting,
  paths,
  reading,
  minimum,
  building,
  verifying,
  asking,
  loading,
  kernels,
  web,
};
const asked = process.argv.slice(2);
/** A window on a busy machine may miss a click. A part that fails is tried once more, from nothing, and the end says so. */
const SECOND_ATTEMPTS = 3;
let attemptsLeft = SECOND_ATTEMPTS;
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failures = [];
const start = Date.now();
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  let counts = await attempt(name, part);
  if (counts.failed > 0 && attemptsLeft-- > 0) {
    const first = counts.failures ?? [];
    console.log(`\n${name} failed and is tried once more`);
    counts = await attempt(name, part);
    if (counts.failed === 0) failures.push(...first.map((line) => `passed only at the second attempt: ${line}`));
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  if (counts.failed > 0) failures.push(...(counts.failures ?? [`${name}: ${counts.failed} failed`]));
}
if (failures.length > 0) console.log(`\n${failures.join("\n")}`);
console.log(
  `\nIn VS Code: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped (${secondsSince(start)})`,
);
// for `npm run test:all`, which adds them to its own
if (process.env["HOOKPOINT_TEST_COUNTS"])
  writeFileSync(process.env["HOOKPOINT_TEST_COUNTS"], JSON.stringify({ ...total, failures }));
process.exitCode = total.failed > 0 || (process.env["CI"] && total.skipped > 0) ? 1 : 0;

/**
 * @param {string} name
 * @param {() => Promise<Counts>} part
 * @returns {Promise<Counts>}
 */
async function attempt(name, part) {
  try {
    return await part();
  } catch (error) {
    console.error(`${name} could not run:`, error);
    return { passed: 0, failed: 1, skipped: 0, failures: [`${name} could not run: ${firstLine(error)}`] };
  }
}

/**
 * The mocha suite in the extension host, started by @vscode/test-electron; only the executable differs here and there.
 * @returns {Promise<Counts>}
 */
async function suite() {
  if (!existsSync(path.join(root, "dist", "client", "extension.js"))) {
    throw new Error("dist/ is missing: run `npm run build` first.");
  }
  const here = path.dirname(fileURLToPath(import.meta.url));
  await bundle(path.join(here, "suite"), path.join(here, "out"));
  const folder = mkdtempSync(path.join(tmpdir(), "hookpoint-suite-"));
  const workspace = path.join(folder, "a project"); // with a space, on purpose
  mkdirSync(workspace);
  cpSync(path.join(root, "test", "example"), workspace, { recursive: true });
  const report = path.join(folder, "report.json");
  const standIn = path.join(here, "executable.mjs");
  try {
    chmodSync(standIn, 0o755); // an archive or a Windows checkout may have lost it
    await runTests({
      ...(process.env["HOOKPOINT_VSCODE"] === "desktop" ? {} : { vscodeExecutablePath: standIn }),
      extensionDevelopmentPath: root,
      extensionTestsPath: path.join(here, "out", "index.js"),
      extensionTestsEnv: { HOOKPOINT_TEST_REPORT: report, HOOKPOINT_TEST_CLANG: findClang() ?? "" },
      launchArgs: [workspace],
    }).catch((error) => {
      // failed tests are in the report; anything else is news
      if (!existsSync(report)) throw error;
    });
    return JSON.parse(readFileSync(report, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * @param {string} source
 * @param {string} out
 */
async function bundle(source, out) {
  rmSync(out, { recursive: true, force: true });
  const names = readdirSync(source).filter((name) => name === "index.ts" || name.endsWith(".test.ts"));
  await build({
    entryPoints: names.map((name) => path.join(source, name)),
    outdir: out,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: ["vscode", "mocha"],
    sourcemap: "inline",
    logLevel: "warning",
  });
}
