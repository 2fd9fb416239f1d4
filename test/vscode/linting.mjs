// @ts-check
// What to do about a finding, in the real workbench: its message, its page, the menu of fixes, allowing it, fixing all.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { chooseFix, fixRow, goToLine, openFile, quick, runCommand } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const NAME = "mistakes.bpf.c";
const SOURCE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, u32);
	__type(value, u64);
	__uint(max_entry, 1024);
} counts SEC(".maps");

SEC("xpd")
int pass(struct xdp_md *ctx)
{
	u32 key = 0;
	char comm[16];

	bpf_map_lookup_elem(counts, &key);
	bpf_get_current_comm(comm, sizeof(comm));
	return XDP_PASS;
}
`;

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function linting() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    writeFileSync(path.join(folder, NAME), SOURCE);
    return await scenario("linting", async ({ page }, step) => {
      await step("open a file with mistakes", () => openFile(page, addressOf(server, folder), NAME));
      await step("findings are underlined", () => page.locator(".squiggly-error").first().waitFor({ timeout: quick }));
      await step("the hover says what is wrong", () =>
        hoverSays(page, 10, 12, /max_entry.*max_entries.*unknown-map-attribute/is),
      );
      await step("the menu has fixes, allow and explain", () =>
        menuSays(page, [/max_entries/, /^Allow .* here$/, /^Allow .* in this file$/, /^Explain /]),
      );
      await step("explain shows the rule's page", () => explain(page));
      await step("a fix mends the line", () => choose(page, 10, 12, /max_entries/, /__uint\(max_entries, 1024\)/));
      await step("allow here puts a comment above", () =>
        choose(page, 13, 7, /^Allow .* here/, /\/\/ hookpoint: allow unknown-section/),
      );
      await step("problems lists what is left", () => problems(page, /counts/));
      await step("the rule's name there links to its page", () => followLink(page));
    });
  } finally {
    await server.stop();
  }
}

/** @param {Page} page @param {number} line @param {number} column @param {RegExp} expected */
async function hoverSays(page, line, column, expected) {
  await goToLine(page, `${line}:${column}`);
  await runCommand(page, "Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible").first();
  await hover.waitFor({ timeout: quick });
  await page.waitForTimeout(500); // the parts of a hover come one after another
  expectMatch((await hover.innerText()).replaceAll("\u00a0", " "), expected, "what the hover says");
}

/** @param {Page} page */
function menuRows(page) {
  return page.locator(".action-widget:visible .monaco-list-row");
}

/** @param {Page} page @param {readonly RegExp[]} expected */
async function menuSays(page, expected) {
  await fixRow(page, /Explain/);
  const titles = (await menuRows(page).allInnerTexts()).map((title) => title.trim());
  for (const pattern of expected)
    if (!titles.some((title) => pattern.test(title)))
      throw new Error(`expected ${pattern} in the menu: ${titles.join(" | ")}`);
}

/** @param {Page} page */
async function followLink(page) {
  const rule = "map-by-value";
  await page.locator(".markers-panel a", { hasText: rule }).first().click();
  await pageShows(page, rule);
}

/** @param {Page} page */
async function explain(page) {
  await menuRows(page)
    .filter({ hasText: /^\s*Explain / })
    .first()
    .click();
  await pageShows(page, "unknown-map-attribute");
}

/** @param {Page} page @param {string} rule */
async function pageShows(page, rule) {
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByRole("heading", { name: rule }).waitFor({ timeout: quick });
  await page.waitForTimeout(500);
}

/** @param {Page} page @param {number} line @param {number} column @param {RegExp} title @param {RegExp} expected */
async function choose(page, line, column, title, expected) {
  await chooseFix(page, title, async () => {
    await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
    await goToLine(page, `${line}:${column}`);
  });
  for (const end = Date.now() + quick; ; ) {
    const text = (await page.locator(".monaco-editor .view-lines").first().innerText()).replaceAll("\u00a0", " ");
    if (expected.test(text)) return;
    if (Date.now() > end) expectMatch(text, expected, "the text");
    await page.waitForTimeout(100);
  }
}

/** @param {Page} page @param {RegExp} expected */
async function problems(page, expected) {
  await runCommand(page, "Problems: Focus on Problems View");
  const rows = page.locator(".markers-panel .monaco-list-row");
  await rows.filter({ hasText: expected }).first().waitFor({ timeout: quick });
}
