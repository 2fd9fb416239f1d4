// @ts-check
// `npm run try`: builds Hookpoint and opens VS Code with it installed and an example project to play with: the desktop
// VS Code when `code` is there, else code-server in the browser. `--once` starts it, checks that it answers, and stops.
import { cpSync, existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { addressOf, startCodeServer } from "./vscode/code-server.mjs";
import { findProgram, installPackages, mustNpm, mustRun, root } from "./vscode/process.mjs";
import { cacheFolder } from "./vscode/setup.mjs";

const once = process.argv.includes("--once");
const vsix = path.join(root, "hookpoint.vsix");

await installPackages();
await mustNpm(["run", "package"]); // builds first

const code = findProgram("code");
if (code && !once) await openDesktop(code);
else await openBrowserVersion();

/** @param {string} code */
async function openDesktop(code) {
  const folder = copyOfExample(mkdtempSync(path.join(tmpdir(), "hookpoint-try-")));
  // `code` is a batch file on Windows, which Node starts only through a shell
  const start = (/** @type {string[]} */ ...args) =>
    process.platform === "win32" ? mustRun("cmd.exe", ["/d", "/c", code, ...args]) : mustRun(code, args);
  await start("--install-extension", vsix, "--force");
  await start("--new-window", folder, "--goto", path.join(folder, "execwatch.bpf.c"));
  console.log(`\nVS Code opens with Hookpoint installed and a copy of the example project in ${folder}.`);
  console.log("To remove the extension again: code --uninstall-extension hookpoint.hookpoint");
}

async function openBrowserVersion() {
  console.log(`No \`code\` on the PATH, so VS Code runs in the browser (code-server, kept in ${cacheFolder()}).`);
  const server = await startCodeServer({ extensions: [vsix], settings: { "git.enabled": true } });
  const folder = copyOfExample(server.folder); // goes when the server goes
  const address = addressOf(server, folder, path.join(folder, "execwatch.bpf.c"));
  if (once) {
    try {
      await checkAnswer(address, server.folder);
    } finally {
      await server.stop();
    }
    return;
  }
  const stop = async () => {
    console.log("\nStopping.");
    await server.stop();
    process.exit(0);
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  console.log(`\nHookpoint is at work. Open this in a browser on this machine:\n\n  ${address}\n\nCtrl+C ends it.`);
}

/**
 * @param {string} address
 * @param {string} folder
 */
async function checkAnswer(address, folder) {
  const response = await fetch(address);
  const page = await response.text();
  if (!response.ok || !page.includes("vscode-workbench"))
    throw new Error(`No workbench answered (${response.status}).`);
  if (!existsSync(path.join(folder, "extensions", "extensions.json"))) throw new Error("No extension is installed.");
  console.log("The workbench answers and Hookpoint is installed.");
}

/**
 * The example, where trying things out changes nothing in the repository.
 * @param {string} parent
 */
function copyOfExample(parent) {
  const folder = path.join(parent, "execwatch");
  cpSync(path.join(root, "test", "example"), folder, { recursive: true });
  return folder;
}
