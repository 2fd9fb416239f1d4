// @ts-check
// Beside clangd in the real workbench: one hover in two parts, one suggestion of a name, one outline; and all of ours without it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { findClangd } from "../system-packages.mjs";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { mustRun, root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { goToLine, openFile, openNamed, quick, runCommand, slow } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const EXAMPLE = "packets.bpf.c";

/** There is no vmlinux.h. The body begins where that of the example does. */
const WITHOUT_TYPES = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
${"\n".repeat(55)}SEC("xdp")
int pass(struct xdp_md *ctx)
{

	return 0;
}
`;

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function clangd() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const program = findClangd();
  if (program === undefined) {
    console.log("\nclangd\n  skipped: no clangd");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const made = mkdtempSync(path.join(tmpdir(), "hookpoint-clangd-"));
  // clangd's own extension where somebody has it, else what stands in for it
  const theirs = process.env["HOOKPOINT_CLANGD_VSIX"] ?? (await standIn(made));
  const settings = { "clangd.path": program, "clangd.checkUpdates": false };
  const server = await startCodeServer({ extensions: [vsix, theirs], settings });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    return await scenario("clangd", async ({ page }, step) => {
      await step("open a file that clangd reads too", () => openWithClangd(page, addressOf(server, folder)));
      await step("clangd is set up", () => setUp(page));
      await step("a helper has one hover in two parts", () => helperHover(page));
      await step("a helper is suggested once", () => suggested(page, "bpf_map_lookup_e", "bpf_map_lookup_elem", 1));
      await step("a map is suggested once", () => suggested(page, "traffic_by_p", "traffic_by_protocol", 1));
      await step("a section is suggested by Hookpoint", () => sectionSuggested(page));
      await step("one outline", () => oneOutline(page));
      await step("signature help on a helper", () => signature(page));
      await step("a field has one hover in two parts", () => fieldHover(page));
      await step("what stands in a header that clangd does not find is Hookpoint's", async () => {
        writeFileSync(path.join(folder, "kernel.bpf.c"), WITHOUT_TYPES);
        await openNamed(page, "kernel.bpf.c");
        await page.locator(".monaco-editor [class*=squiggly-error]").first().waitFor({ timeout: slow });
        await suggested(page, "long end = ctx->data_e", "data_end", 1);
        await suggested(page, "bpf_map_lookup_e", "bpf_map_lookup_elem", 1);
        await runCommand(page, "File: Revert File");
        await openNamed(page, EXAMPLE);
      });
      await step("with the setting off both show all they have", async () => {
        mkdirSync(path.join(folder, ".vscode"));
        writeFileSync(path.join(folder, ".vscode", "settings.json"), '{ "hookpoint.clangd": "off" }');
        await untilItHolds(() => suggested(page, "bpf_map_lookup_e", "bpf_map_lookup_elem", 2));
      });
    });
  } finally {
    await server.stop();
    rmSync(made, { recursive: true });
  }
}

/** @param {string} folder */
async function standIn(folder) {
  const source = path.join(root, "test", "vscode", "clangd-extension", "extension.ts");
  await build({
    entryPoints: [source],
    outfile: path.join(folder, "extension.js"),
    bundle: true,
    format: "cjs",
    platform: "node",
    external: ["vscode"],
    logLevel: "warning",
  });
  const manifest = {
    name: "vscode-clangd",
    publisher: "llvm-vs-code-extensions",
    version: "0.0.1",
    description: "Stands in for clangd's extension in a test.",
    engines: { vscode: "^1.75.0" },
    activationEvents: ["onLanguage:c"],
    main: "./extension.js",
    contributes: { configuration: { properties: { "clangd.path": { type: "string", default: "" } } } },
  };
  writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
  const vsix = path.join(folder, "clangd.vsix");
  const vsce = path.join(root, "node_modules", "@vscode", "vsce", "vsce");
  const args = [vsce, "package", "--no-dependencies", "--skip-license", "--allow-missing-repository", "--out", vsix];
  await mustRun(process.execPath, args, { cwd: folder, quiet: true });
  return vsix;
}

/** @param {Page} page @param {string} address */
async function openWithClangd(page, address) {
  await openFile(page, address, EXAMPLE);
  await goToLine(page, 62); // lenses exist where they can be seen
  await page.locator(".monaco-editor .codelens-decoration a").first().waitFor({ timeout: slow });
}

/** @param {Page} page */
async function setUp(page) {
  await runCommand(page, "eBPF: Set Up clangd");
  await page
    .locator(".notification-toast", { hasText: /clangd is set up/ })
    .first()
    .waitFor({ timeout: slow });
  await runCommand(page, "Notifications: Clear All Notifications");
}

/** @param {Page} page */
async function helperHover(page) {
  await goToLine(page, "62:18");
  const hover = page.locator(".monaco-hover:visible").first();
  // The parts come one after another, clangd's when it has read the file.
  for (const end = Date.now() + slow; ; ) {
    await runCommand(page, "Show or Focus Hover");
    await hover.waitFor({ timeout: quick });
    await page.waitForTimeout(1000);
    const text = (await hover.innerText()).replaceAll("\u00a0", " ");
    if (/BPF helper #1/.test(text) && /provided by/.test(text)) {
      const declared = text.match(/bpf_map_lookup_elem\)?\(void/g) ?? [];
      const byClangd = text.match(/static void \*\(\*bpf_map_lookup_elem\)/g) ?? [];
      if (declared.length !== byClangd.length) throw new Error(`declared ${declared.length} times in:\n${text}`);
      return;
    }
    if (Date.now() > end) expectMatch(text, /BPF helper #1.*provided by|provided by.*BPF helper #1/s, "both parts");
    await page.keyboard.press("Escape");
  }
}

/** @param {Page} page @param {string} typed @param {string} name @param {number} times */
async function suggested(page, typed, name, times) {
  await freshLine(page);
  await page.keyboard.type(typed, { delay: 40 });
  await page.keyboard.press("Escape");
  await runCommand(page, "Trigger Suggest");
  const rows = page.locator(".suggest-widget:visible .monaco-list-row");
  const same = rows.filter({ has: page.locator(".label-name", { hasText: new RegExp(`^\\W*${name}$`) }) });
  await same.first().waitFor({ timeout: quick });
  await page.waitForTimeout(1500); // the slower of the two must have had its say
  const count = await same.count();
  if (count !== times) throw new Error(`${name} stands there ${count} times:\n${await rows.allInnerTexts()}`);
}

/** The editor notices a file that was written in its own time. @param {() => Promise<void>} check */
async function untilItHolds(check) {
  for (const end = Date.now() + quick; ; ) {
    const error = await check().catch((/** @type {unknown} */ reason) => reason);
    if (error === undefined) return;
    if (Date.now() > end) throw error;
  }
}

/** @param {Page} page */
async function sectionSuggested(page) {
  await runCommand(page, "File: Revert File");
  await goToLine(page, "46:1");
  await page.keyboard.press("End");
  await page.keyboard.type('\nSEC("', { delay: 150 });
  await page.keyboard.type("fe", { delay: 80 });
  const row = page.locator(".suggest-widget:visible .monaco-list-row", { hasText: /fentry\// }).first();
  await row.waitFor({ timeout: quick });
}

/** @param {Page} page */
async function oneOutline(page) {
  await runCommand(page, "File: Revert File");
  await page.keyboard.press("Control+Shift+O");
  const rows = page.locator(".quick-input-widget:visible .monaco-list-row", { hasText: "count_packets" });
  await rows.first().waitFor({ timeout: quick });
  const count = await rows.count();
  if (count !== 1) throw new Error(`the program stands ${count} times in the list of symbols`);
}

/** The picture in the README, client/media/beside-clangd.png, is what this leaves in test/shots. @param {Page} page */
async function fieldHover(page) {
  await page.keyboard.press("Escape");
  await runCommand(page, "File: Revert File");
  await goToLine(page, "52:43");
  await runCommand(page, "Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible").first();
  await hover.waitFor({ timeout: quick });
  await page.waitForTimeout(1000);
  const text = (await hover.innerText()).replaceAll("\u00a0", " ");
  expectMatch(text, /field of struct xdp_md/, "what Hookpoint says");
  expectMatch(text, /In struct xdp_md/, "what clangd says");
  const types = text.match(/__u32 data_end/g) ?? [];
  if (types.length !== 1) throw new Error(`declared ${types.length} times in:\n${text}`);
  // It is as high as the editor makes it, until somebody pulls at its edge.
  const before = await boxOf(hover);
  await page.mouse.move(before.x + before.width / 2, before.y);
  await page.mouse.down();
  await page.mouse.move(before.x + before.width / 2, before.y - 110, { steps: 10 });
  await page.mouse.up();
  const { x, y, width, height } = await boxOf(hover);
  const clip = { x: x - 260, y: y - 20, width: width + 280, height: height + 60 };
  await page.screenshot({ path: path.join(root, "test", "shots", "beside-clangd.png"), clip });
}

/** @param {import("./window.mjs").Locator} locator */
async function boxOf(locator) {
  const box = await locator.boundingBox();
  if (box === null) throw new Error("it is gone");
  return box;
}

/** @param {Page} page */
async function signature(page) {
  await freshLine(page);
  await page.keyboard.type("bpf_map_update_elem(&traffic_by_protocol, ", { delay: 20 });
  const help = page.locator(".parameter-hints-widget:visible").first();
  await help.waitFor({ timeout: quick });
  expectMatch((await help.innerText()).replaceAll("\u00a0", " "), /void \*map, const void \*key/, "the signature");
  // The editor shows one server's answer: the others are not even counted.
  if (await help.locator(".controls .overloads").isVisible()) throw new Error("several signatures");
}

/** Inside of the program, below its lookup. @param {Page} page */
async function freshLine(page) {
  await page.keyboard.press("Escape");
  await runCommand(page, "File: Revert File");
  await goToLine(page, "61:1");
  await page.keyboard.press("End");
  await page.keyboard.type("\n");
}
