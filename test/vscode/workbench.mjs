// @ts-check
// The story of a user in the real workbench, with the packaged extension installed: open a program, see the finding,
// hover, apply the fix, build the object file.
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import {
  chooseFix,
  exampleLine,
  finding,
  goToLine,
  hoverOf,
  openFile,
  quick,
  runCommand,
  slow,
  squiggle,
  word,
} from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function workbench() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project"); // with a space, on purpose
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    return await scenario("workbench", async ({ page }, step) => {
      await step("open the example", () => openFile(page, addressOf(server, folder), "execwatch.bpf.c"));
      await step("the finding is shown", () => seeFinding(page));
      await step("hover a helper", () => hoverHelper(page));
      await step("apply the quick fix", () => applyFix(page));
      await step("the finding is gone", () => seeNoFinding(page));
      await step("build the object file", () => buildObject(page, folder));
    });
  } finally {
    await server.stop();
  }
}

/** @param {Page} page */
async function seeFinding(page) {
  await runCommand(page, "Problems: Focus on Problems View");
  await finding(page).waitFor({ timeout: slow });
  await finding(page).dblclick(); // goes there
  await squiggle(page).waitFor({ timeout: quick });
}

/** @param {Page} page */
async function hoverHelper(page) {
  await goToLine(page, exampleLine("bpf_map_lookup_elem("));
  const hover = await hoverOf(page, "bpf_map_lookup_elem");
  const text = (await hover.textContent()) ?? "";
  expectMatch(text, /void \*\s*bpf_map_lookup_elem\s*\(/, "the signature");
  expectMatch(text, /since|Linux \d|kernel \d/i, "the kernel version it came with");
  expectMatch(text, /NULL/, "the note, which says to check for NULL");
}

/** @param {Page} page */
async function applyFix(page) {
  await goToLine(page, exampleLine("bpf_probe_read("));
  await chooseFix(page, /bpf_probe_read_(kernel|user)/, () => word(page, "bpf_probe_read").click());
  await word(page, "bpf_probe_read_(kernel|user)").waitFor({ timeout: quick });
}

/** @param {Page} page */
async function seeNoFinding(page) {
  await runCommand(page, "Problems: Focus on Problems View");
  await finding(page).waitFor({ state: "detached", timeout: slow });
  await runCommand(page, "File: Save");
}

/**
 * @param {Page} page
 * @param {string} folder
 */
async function buildObject(page, folder) {
  await runCommand(page, "View: Focus Active Editor Group");
  await runCommand(page, "eBPF: Build Object File");
  for (const end = Date.now() + slow; objectFiles(folder).length === 0; ) {
    if (Date.now() > end) throw new Error("no object file appeared");
    await page.waitForTimeout(200);
  }
  await page.locator(".notification-toast", { hasText: /Built execwatch.*\.o/ }).waitFor({ timeout: quick });
  await page.locator(".notification-toast", { hasText: "Building" }).waitFor({ state: "detached", timeout: quick });
}

/** @param {string} folder */
function objectFiles(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(".o"));
}
