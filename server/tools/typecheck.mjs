// @ts-check
/** Type-checks every part under its own rules, so that each border is a compile error. */

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const projects = [
  "server/src/analysis",
  "server",
  "server/tsconfig.browser.json",
  "client",
  "client/tsconfig.web.json",
  "test",
];

/** @param {string} project @returns {Promise<boolean>} */
const check = (project) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [tsc, "--project", project], { cwd: root });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code) => {
      console.log(`${code === 0 ? "ok    " : "FAILED"} ${project}\n${output}`.trim());
      resolve(code === 0);
    });
  });

const results = [];
for (const project of projects) results.push(await check(project));
process.exitCode = results.every(Boolean) ? 0 : 1;
