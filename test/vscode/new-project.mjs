// @ts-check
// A new project in the real workbench: four questions, a window with the program in it, and the offer to build it.
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { scenario } from "./scenario.mjs";
import { quick, slow } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const NAME = "exec-watch";

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function newProject() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const start = path.join(server.folder, "projects", "an old one");
    mkdirSync(start, { recursive: true });
    return await scenario("new-project", async ({ page }, step) => {
      await step("open an empty window", () => openWindow(page, addressOf(server, start)));
      await step("choose language and program", () => choose(page));
      await step("a name that cannot be one is refused", () => refuseName(page));
      await step("name and folder", () => nameIt(page));
      await step("the files are written", () => seeFiles(path.join(start, "..", NAME)));
      await step("the program is shown in its window", () => openIt(page));
      await step("build it", () => buildIt(page, path.join(start, "..", NAME)));
    });
  } finally {
    await server.stop();
  }
}

/**
 * @param {Page} page
 * @param {string} address
 */
async function openWindow(page, address) {
  await page.goto(address);
  await page.locator(".explorer-viewlet").waitFor({ timeout: slow });
}

/** @param {Page} page */
function input(page) {
  return page.locator(".quick-input-widget:visible input.input").first();
}

/**
 * @param {Page} page
 * @param {string} label
 */
async function pick(page, label) {
  const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: label }).first();
  await row.waitFor({ timeout: slow });
  await row.click();
}

/** @param {Page} page */
async function choose(page) {
  await page.keyboard.press("F1");
  await input(page).waitFor({ timeout: quick });
  await input(page).fill(">eBPF: New Project");
  await pick(page, "eBPF: New Project");
  await pick(page, "C with libbpf");
  await pick(page, "Tracepoint");
}

/** @param {Page} page */
async function refuseName(page) {
  await page.locator(".quick-input-widget", { hasText: "(3/4)" }).waitFor({ timeout: quick });
  await input(page).fill("größe");
  await page.locator(".quick-input-message", { hasText: 'has "ö" in it' }).waitFor({ timeout: quick });
}

/** @param {Page} page */
async function nameIt(page) {
  await input(page).fill(NAME);
  await page.locator(".quick-input-message", { hasText: "has" }).waitFor({ state: "detached", timeout: quick });
  await page.keyboard.press("Enter");
  const create = page.locator(".quick-input-widget .monaco-button", { hasText: "Create Here" });
  await create.waitFor({ timeout: quick });
  await create.click();
}

/** @param {string} folder */
async function seeFiles(folder) {
  for (const end = Date.now() + quick; !existsSync(folder); ) {
    if (Date.now() > end) throw new Error(`no ${folder}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const names = readdirSync(folder).sort().join(" ");
  const wanted = [".gitignore", "Makefile", "README.md", `${NAME}.bpf.c`, `${NAME}.c`, `${NAME}.h`, "hookpoint.json"];
  if (names !== wanted.join(" ")) throw new Error(`not what was wanted: ${names}`);
}

/** @param {Page} page */
async function openIt(page) {
  const here = page.locator(".notification-toast .monaco-button", { hasText: "Open in This Window" });
  await here.waitFor({ timeout: quick });
  await here.click();
  await page.locator(".explorer-viewlet .monaco-list-row", { hasText: "Makefile" }).waitFor({ timeout: slow });
  await page.locator(".tab", { hasText: `${NAME}.bpf.c` }).waitFor({ timeout: slow });
}

/**
 * @param {Page} page
 * @param {string} folder
 */
async function buildIt(page, folder) {
  const toast = page.locator(".notification-toast", { hasText: "The project is ready" });
  await toast.waitFor({ timeout: slow });
  await toast.locator(".monaco-button", { hasText: "Build" }).click();
  const object = path.join(folder, `${NAME}.bpf.o`);
  for (const end = Date.now() + slow; !existsSync(object); ) {
    if (Date.now() > end) throw new Error(`no ${object}`);
    await page.waitForTimeout(200);
  }
  if (!existsSync(path.join(folder, "vmlinux.h"))) throw new Error("no vmlinux.h");
  await page.locator(".notification-toast", { hasText: /Built exec-watch.*\.o/ }).waitFor({ timeout: quick });
}
