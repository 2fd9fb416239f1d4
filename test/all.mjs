// @ts-check
// `npm run test:all`: every check of the project, from a fresh clone on a machine with nothing but Node 20. Installs
// what is missing (after saying so), runs the steps in order, and ends with one line of counts. With CI set, a skipped
// test is a failure. Node builtins only.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { installSystemPackages } from "./system-packages.mjs";
import { firstLine, installPackages, npm, secondsSince } from "./vscode/process.mjs";

/** @typedef {import("./vscode/scenario.mjs").Counts} Counts */

/**
 * @typedef {object} Step
 * @property {readonly string[]} command for npm
 * @property {NodeJS.ProcessEnv} [env]
 * @property {() => Counts} [count] reads what the step has left
 */

const reports = mkdtempSync(path.join(tmpdir(), "hookpoint-reports-"));
const unitReport = path.join(reports, "unit.json");
const kernelReport = path.join(reports, "kernel.json");
const vscodeReport = path.join(reports, "vscode.json");

/** @type {readonly Step[]} */
const steps = [
  { command: ["run", "lint"] },
  { command: ["run", "typecheck"] },
  { command: ["run", "generate", "--", "--check"] },
  { command: ["run", "build"] },
  {
    command: ["test", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${unitReport}`],
    count: () => unitCounts(unitReport),
  },
  {
    command: ["run", "test:kernel", "--", "--reporter=default", "--reporter=json", `--outputFile.json=${kernelReport}`],
    count: () => unitCounts(kernelReport),
  },
  { command: ["run", "package"] },
  {
    command: ["run", "test:vscode"],
    env: { HOOKPOINT_TEST_COUNTS: vscodeReport },
    count: () => JSON.parse(readFileSync(vscodeReport, "utf8")),
  },
];

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) throw new Error(`Node 20 or newer is needed; this is ${process.versions.node}.`);
const start = Date.now();
console.log("This installs what is missing: the npm packages, on Debian and Ubuntu the system packages for the tests");
console.log("(clang, bpftool, libbpf-dev, chromium …), and VS Code (code-server) in the cache folder, about 400 MB.");
if (!(await installSystemPackages())) process.exit(1);
await installPackages();

const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, a line each: told last, where whoever reads the end of a long log finds it. @type {string[]} */
const failures = [];
/** @type {string[]} */
const summary = [];
for (const step of steps) summary.push(await runStep(step));
rmSync(reports, { recursive: true, force: true });

console.log(`\n${summary.join("\n")}\nin ${secondsSince(start)}\n`);
if (failures.length > 0) console.log(`${failures.slice(0, 40).join("\n")}\n`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
const skipsFail = Boolean(process.env["CI"]) && total.skipped > 0;
if (skipsFail) console.error("A skipped test is a failure on CI.");
process.exitCode = total.failed > 0 || skipsFail ? 1 : 0;

/**
 * Runs one step and adds its counts; a failure without a failed test counts as one.
 * @param {Step} step
 * @returns {Promise<string>} a line of the summary
 */
async function runStep({ command, env = {}, count }) {
  const title = `npm ${command.filter((word) => !/report|^--$/i.test(word)).join(" ")}`;
  console.log(`\n━━━ ${title}`);
  const began = Date.now();
  const { code } = await npm(command, { env });
  const counts = count ? attempt(count) : { passed: 0, failed: 0, skipped: 0 };
  if (code !== 0 && counts.failed === 0 && !(process.env["CI"] && counts.skipped > 0)) counts.failed = 1;
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  failures.push(...(counts.failures ?? []));
  const result = `${code === 0 ? "ok  " : "FAIL"} ${title} (${secondsSince(began)})`;
  console.log(`━━━ ${result}`);
  return result;
}

/**
 * @param {() => Counts} count
 * @returns {Counts}
 */
function attempt(count) {
  try {
    return count();
  } catch {
    console.error("The step left no readable report.");
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * @param {string} file the JSON report of vitest
 * @returns {Counts}
 */
function unitCounts(file) {
  if (!existsSync(file)) throw new Error("no report");
  const report = JSON.parse(readFileSync(file, "utf8"));
  /** @type {string[]} */
  const failed = [];
  for (const { assertionResults, name, message } of report.testResults) {
    if (message) failed.push(`${path.basename(name)}: ${firstLine(message)}`);
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === "failed") failed.push(`${path.basename(name)}, ${fullName}: ${firstLine(failureMessages[0])}`);
      else if (status !== "passed") console.log(`skipped: ${fullName}`);
    }
  }
  // a file that cannot be loaded fails without a failed test in it
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ { status, assertionResults }) =>
      status === "failed" && assertionResults.length === 0,
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: failed,
  };
}
