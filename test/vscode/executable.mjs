#!/usr/bin/env node
// @ts-check
// Stands in for the VS Code executable that @vscode/test-electron starts: understands the desktop's flags and runs the
// suite in code-server's extension host, with a headless browser as its window. The exit code says how it went.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openBrowser } from "./browser.mjs";
import { addressOf, startCodeServer } from "./code-server.mjs";

/** A suite that hangs ends here. */
const timeLimit = 300_000;

/** What the workbench itself prints and a desktop would keep to its window. */
const workbenchNoise =
  /^(%c|Ignoring fetching|Creating a socket|Resolv|\[(Service Worker|AgentHost|AccountPolicy|reconnection|ChatModel)|Updating additional|Creation of workbench|Timed out waiting for authentication)/;

const { flags, folders } = parse(process.argv.slice(2));
const development = flags.get("extensionDevelopmentPath");
const tests = flags.get("extensionTestsPath");
if (!development || !tests) {
  console.error(
    "This stand-in only runs extension tests: --extensionDevelopmentPath=… --extensionTestsPath=… [folder]",
  );
  process.exit(2);
}
process.exit(await runSuite(development, tests, folders[0] ?? mkdtempSync(path.join(tmpdir(), "hookpoint-empty-"))));

/**
 * @param {string} developmentPath
 * @param {string} testsPath
 * @param {string} workspace
 * @returns {Promise<number>}
 */
async function runSuite(developmentPath, testsPath, workspace) {
  // Without the smoke-test driver the workbench ignores the extensionTestsPath of a web address
  const server = await startCodeServer({ args: ["--vscode-option", "enable-smoke-test-driver"] });
  const browser = await openBrowser();
  try {
    /** @type {(code: number) => void} */
    let finish = () => {};
    const exit = new Promise((/** @type {(code: number) => void} */ resolve) => {
      finish = resolve;
    });
    // The workbench calls these two on its window: at the end of the run, and for each console line
    await browser.page.exposeFunction("codeAutomationExit", (/** @type {number} */ code) => finish(code));
    await browser.page.exposeFunction(
      "codeAutomationLog",
      (/** @type {string} */ _type, /** @type {unknown[]} */ args) => {
        if (!workbenchNoise.test(String(args[0] ?? ""))) console.log(...args);
      },
    );
    setTimeout(() => {
      console.error(`The suite did not end within ${timeLimit / 1000} s.`);
      finish(1);
    }, timeLimit).unref();
    const remote = (/** @type {string} */ file) =>
      `vscode-remote://127.0.0.1:${server.port}${encodeURI(path.resolve(file))}`;
    const address = new URL(addressOf(server, path.resolve(workspace)));
    const payload = [
      ["extensionDevelopmentPath", remote(developmentPath)],
      ["extensionTestsPath", remote(testsPath)],
    ];
    address.searchParams.set("payload", JSON.stringify(payload));
    await browser.page.goto(address.href);
    const code = await exit;
    await browser.screenshot("suite-end");
    if (browser.outside.length > 0) console.error(`Requests left this machine: ${browser.outside.join(", ")}`);
    return browser.outside.length > 0 ? 1 : code;
  } finally {
    await browser.close();
    await server.stop();
  }
}

/**
 * @param {readonly string[]} args
 * @returns {{ flags: Map<string, string>, folders: string[] }}
 */
function parse(args) {
  const flags = new Map();
  const folders = [];
  for (const arg of args) {
    const [, name, value = ""] = /^--([^=]+)(?:=(.*))?$/.exec(arg) ?? [];
    if (name) flags.set(name, value);
    else folders.push(arg);
  }
  return { flags, folders };
}
