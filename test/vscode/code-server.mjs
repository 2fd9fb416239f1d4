// @ts-check
// Starts and stops a throw-away code-server: its own settings, extensions and home folder, nothing of the user's.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mustRun } from "./process.mjs";
import { codeServer } from "./setup.mjs";

/**
 * @typedef {object} CodeServer
 * @property {string} url without a slash at the end
 * @property {number} port
 * @property {string} folder everything it writes
 * @property {number} pid the leader of the process group that holds the server and its extension hosts
 * @property {boolean} hasLogs whether Output channels work
 * @property {() => Promise<void>} stop ends exactly these processes and removes the folder
 */

/**
 * @param {object} [options]
 * @param {readonly string[]} [options.extensions] VSIX files to install
 * @param {Record<string, unknown>} [options.settings] on top of the quiet ones
 * @param {readonly string[]} [options.args]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {number} [options.user] who it runs as, without any rights; as root only
 * @param {boolean} [options.trust] false: each folder must be trusted first, as in a window of the desktop
 * @returns {Promise<CodeServer>}
 */
export async function startCodeServer({
  extensions = [],
  settings = {},
  args = [],
  env = {},
  user = undefined,
  trust = true,
} = {}) {
  const install = await codeServer();
  // Sockets are made in here and their paths may have 100 characters at most: macOS has a long temporary folder
  const folder = mkdtempSync(path.join(tmpdir().length < 30 ? tmpdir() : "/tmp", "hookpoint-"));
  const inside = (/** @type {string[]} */ ...names) => path.join(folder, ...names);
  for (const name of ["tmp", "extensions", path.join("data", "User")]) mkdirSync(inside(name), { recursive: true });
  writeFileSync(inside("config.yaml"), ""); // without it one appears in the user's home
  const preferences = { ...quietSettings, "security.workspace.trust.enabled": !trust, ...settings };
  writeFileSync(inside("data", "User", "settings.json"), JSON.stringify(preferences, null, 2));

  const serverEnv = environment(folder, env);
  const common = ["--config", inside("config.yaml"), "--user-data-dir", inside("data")];
  common.push("--extensions-dir", inside("extensions"));
  for (const file of extensions) {
    const installArgs = [install.folder, ...common, "--install-extension", file];
    await mustRun(install.node, installArgs, { env: serverEnv, quiet: true });
  }

  const port = await freePort();
  const log = openSync(inside("server.log"), "w");
  const serverArgs = ["--bind-addr", `127.0.0.1:${port}`, "--auth", "none", "--disable-telemetry"];
  serverArgs.push("--disable-update-check", "--disable-getting-started-override");
  if (trust) serverArgs.push("--disable-workspace-trust");
  serverArgs.push("--disable-proxy", "--ignore-last-opened", ...args);
  const [program = "", ...before] = user === undefined ? [install.node, install.folder] : asUser(user, folder, install);
  const child = spawn(program, [...before, ...common, ...serverArgs], {
    env: { ...process.env, ...serverEnv },
    stdio: ["ignore", log, log],
    detached: true, // a process group of its own, so that stop() ends all of it and nothing else
  });
  closeSync(log);
  const pid = child.pid ?? 0;
  const ended = () => child.exitCode !== null || child.signalCode !== null;

  const stop = async () => {
    signalGroup(pid, "SIGTERM");
    for (let i = 0; i < 50 && !ended(); i++) await sleep(100);
    signalGroup(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };

  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; !(await answers(`${url}/healthz`)); i++) {
    if (ended() || i > 300) {
      const said = readFileSync(inside("server.log"), "utf8");
      await stop();
      throw new Error(`code-server did not start:\n${said}`);
    }
    await sleep(100);
  }
  return { url, port, folder, pid, hasLogs: install.hasLogs, stop };
}

/**
 * The address that opens a folder and, when given, a file in it.
 * @param {CodeServer} server
 * @param {string} folder
 * @param {string} [file]
 */
export function addressOf(server, folder, file) {
  const readable = (/** @type {string} */ text) =>
    encodeURIComponent(text).replaceAll("%2F", "/").replaceAll("%3A", ":");
  const address = `${server.url}/?folder=${readable(folder)}`;
  if (!file) return address;
  const uri = `vscode-remote://127.0.0.1:${server.port}${encodeURI(file)}`;
  return `${address}&payload=${readable(JSON.stringify([["openFile", uri]]))}`;
}

/** A workbench without telemetry, welcome pages, chat or anything else that moves. */
const quietSettings = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "extensions.autoCheckUpdates": false,
  "extensions.autoUpdate": false,
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "editor.accessibilitySupport": "off",
  "files.simpleDialog.enable": true,
  "files.autoSave": "off", // the web default, afterDelay, would save what a test types
};

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function environment(folder, env) {
  return {
    HOME: folder,
    TMPDIR: path.join(folder, "tmp"),
    XDG_CONFIG_HOME: path.join(folder, "config"),
    XDG_DATA_HOME: path.join(folder, "share"),
    XDG_CACHE_HOME: path.join(folder, "cache"),
    EXTENSIONS_GALLERY: "{}", // no marketplace, so no request to one
    NODE_EXTRA_CA_CERTS: undefined, // nothing is fetched, and each start of Node would read them
    // of a VS Code that this may itself run in, and of a code-server that the user runs
    VSCODE_IPC_HOOK_CLI: undefined,
    PASSWORD: undefined,
    HASHED_PASSWORD: undefined,
    PORT: undefined,
    ...env,
  };
}

/**
 * VS Code may lie in a folder that only root may enter: the user sees it in this one, which becomes theirs.
 * @param {number} user
 * @param {string} folder
 * @param {{ node: string, folder: string }} install
 */
function asUser(user, folder, { node, folder: code }) {
  const [seenNode, seenCode] = [path.join(folder, "node"), path.join(folder, "cs")];
  for (const seen of [seenNode, seenCode]) mkdirSync(seen);
  execFileSync("chown", ["-R", `${user}:${user}`, folder]);
  const script = 'mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec "$@"';
  const mounts = [path.join(node, "../.."), seenNode, code, seenCode];
  const person = ["setpriv", "--reuid", `${user}`, "--regid", `${user}`, "--clear-groups", "--inh-caps=-all"];
  const program = [path.join(seenNode, "bin/node"), seenCode];
  return ["unshare", "-m", "sh", "-c", script, "sh", ...mounts, ...person, ...program];
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** @param {string} url */
async function answers(url) {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // already gone
  }
}
