// @ts-check
// What the test commands share: start a program, find one on the PATH, call npm. Node builtins only: runs before `npm ci`.
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[/\\]$/, "");

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to the environment of this process
 * @property {boolean} [quiet] keep the output back; it comes with the result
 */

/**
 * Runs a program to its end. Never throws for an exit code: the caller decides what it means.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { cwd = root, env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let output = "";
    child.stdout?.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ code: 127, output: String(error) }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Like `run`, but a failure ends the command with what the program said.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export async function mustRun(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${path.basename(command)} ${args.join(" ")} failed (exit code ${code})\n${output}`);
  return output;
}

/** How to start npm: an argument array that needs no shell, also on Windows, where `npm` is a batch file. */
export const npmCommand = findNpm();

/**
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function npm(args, options) {
  const [command = "npm", ...first] = npmCommand;
  return run(command, [...first, ...args], options);
}

/**
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 */
export function mustNpm(args, options) {
  const [command = "npm", ...first] = npmCommand;
  return mustRun(command, [...first, ...args], options);
}

/** `npm ci`, unless node_modules is as new as the lock file. */
export async function installPackages() {
  const stamp = path.join(root, "node_modules", ".package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(path.join(root, "package-lock.json")).mtimeMs) return;
  console.log("Installing the npm packages of package-lock.json into node_modules (about 250 MB).");
  await mustNpm(["ci"]);
}

/**
 * The first of these programs that is there: a name on the PATH or an absolute path.
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function findProgram(...names) {
  // Debian keeps bpftool in a folder that is not on the PATH of an ordinary user
  const folders = [...(process.env["PATH"] ?? "").split(path.delimiter), "/usr/sbin"];
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const name of names) {
    const places = path.isAbsolute(name) ? [name] : folders.map((folder) => path.join(folder, name));
    for (const place of places) for (const ending of endings) if (existsSync(place + ending)) return place + ending;
  }
  return undefined;
}

/** The clang a BPF build would use: 14 is the first that is good enough. */
export function findClang() {
  return findProgram("clang", ...[22, 21, 20, 19, 18, 17, 16, 15, 14].map((version) => `clang-${version}`));
}

/** @param {number} since a value of Date.now() */
export function secondsSince(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Of what went wrong, for a summary. @param {unknown} error */
export function firstLine(error) {
  return String(error instanceof Error ? error.message : error)
    .split("\n", 1)[0]
    ?.slice(0, 200);
}

/** @returns {readonly string[]} */
function findNpm() {
  const own = process.env["npm_execpath"];
  if (own?.endsWith("npm-cli.js")) return [process.execPath, own];
  const besideNode = path.join(path.dirname(process.execPath), "node_modules", "npm", "bin", "npm-cli.js");
  return existsSync(besideNode) ? [process.execPath, besideNode] : ["npm"];
}
