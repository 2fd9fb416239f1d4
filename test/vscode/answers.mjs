// @ts-check
// Answers where the cursor stands, in the real workbench, light and dark: hovers, completion in stages, signature help.
import { cpSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { goToLine, openFile, quick, runCommand } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const EXAMPLE = "packets.bpf.c";

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function answers() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    return await scenario("answers", async ({ page }, step) => {
      await step("open the packet counter", () => openFile(page, addressOf(server, folder), EXAMPLE));
      for (const theme of ["light", "dark"]) {
        if (theme === "dark") await runCommand(page, "Preferences: Toggle between Light/Dark Themes");
        for (const { what, line, column, expected } of HOVERS)
          await step(`${theme} hover on ${what}`, () => hoverAt(page, line, column, expected));
      }
      await step("a section in stages", () => completeSection(page));
      await step("a map definition", () => completeMap(page));
      await step("signature help", () => askSignature(page));
    });
  } finally {
    await server.stop();
  }
}

/** Lines and columns of the example, counted from 1. */
const HOVERS = [
  { what: "a helper", line: 62, column: 18, expected: /bpf_map_lookup_elem\(void \*map.*may return.*Here \(XDP/s },
  { what: "a section", line: 48, column: 7, expected: /BPF_PROG_TYPE_XDP.*struct xdp_md/s },
  { what: "a map", line: 62, column: 42, expected: /PERCPU_ARRAY.*KiB on each CPU/s },
  { what: "a context field", line: 51, column: 38, expected: /field of.*xdp_md.*holds a packet/s },
];

/** @param {Page} page @param {number} line @param {number} column @param {RegExp} expected */
async function hoverAt(page, line, column, expected) {
  await page.keyboard.press("Escape");
  await goTo(page, line, column);
  await runCommand(page, "Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible").first();
  await hover.waitFor({ timeout: quick });
  await page.waitForTimeout(500); // the parts of a hover come one after another
  expectMatch((await hover.innerText()).replaceAll("\u00a0", " "), expected, "what the hover says");
}

/** From an empty string to a finished attach point. @param {Page} page */
async function completeSection(page) {
  await page.keyboard.press("Escape");
  await goTo(page, 46, 1);
  await page.keyboard.press("End");
  // Slowly: the editor closes a bracket only once it has read the line before.
  await page.keyboard.type('\nSEC("', { delay: 150 });
  await choose(page, /fentry\//, "fe");
  await page.keyboard.type("vfs_read");
  await page.keyboard.press("Escape");
  await lineSays(page, /SEC\("fentry\/vfs_read"\)?/);
}

/** @param {Page} page */
async function completeMap(page) {
  await page.keyboard.press("End");
  await page.keyboard.type("\nstruct {\n__uint(type, ");
  await choose(page, /BPF_MAP_TYPE_RINGBUF/, "RINGB");
  await lineSays(page, /__uint\(type, BPF_MAP_TYPE_RINGBUF/);
}

/** @param {Page} page */
async function askSignature(page) {
  await goTo(page, 61, 1);
  await runCommand(page, "File: Revert File");
  await goTo(page, 61, 1);
  await page.keyboard.press("End");
  await page.keyboard.type("\nbpf_map_update_elem(&traffic_by_protocol, ");
  const help = page.locator(".parameter-hints-widget:visible").first();
  await help.waitFor({ timeout: quick });
  expectMatch((await help.innerText()).replaceAll("\u00a0", " "), /bpf_map_update_elem\(.*key/s, "the signature");
}

/** Types the beginning of a suggestion, waits for it, takes it. @param {Page} page @param {RegExp} label @param {string} typed */
async function choose(page, label, typed) {
  const rows = page.locator(".suggest-widget:visible .monaco-list-row");
  await page.keyboard.type(typed, { delay: 80 });
  const row = rows.filter({ hasText: label }).first();
  await row.waitFor({ timeout: quick });
  await row.click();
}

/** @param {Page} page @param {RegExp} expected */
async function lineSays(page, expected) {
  for (const end = Date.now() + quick; ; ) {
    const text = (await page.locator(".monaco-editor .view-lines").first().innerText()).replaceAll("\u00a0", " ");
    if (expected.test(text)) return;
    if (Date.now() > end) expectMatch(text, expected, "the line");
    await page.waitForTimeout(100);
  }
}

/** @param {Page} page @param {number} line @param {number} column */
async function goTo(page, line, column) {
  await goToLine(page, `${line}:${column}`);
}
