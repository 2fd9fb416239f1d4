// @ts-check
// What is found along the paths of a program, in the real workbench: told with its story, mended, carried while somebody types.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { chooseFix, goToLine, openFile, quick, runCommand, until } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const NAME = "paths.bpf.c";
const SOURCE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct event {
	u32 parent;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unlinked, int dfd, struct filename *name)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	e->parent = name->refcnt;
	if (dfd < 0)
		return 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}
`;

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function paths() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    writeFileSync(path.join(folder, NAME), SOURCE);
    return await scenario("paths", async ({ page }, step) => {
      await step("open a program that would be refused", () => openFile(page, addressOf(server, folder), NAME));
      await step("what would refuse it is underlined", () =>
        page.locator(".squiggly-error").first().waitFor({ timeout: quick }),
      );
      await step("the hover says what is missing, and where it comes from", () =>
        hoverSays(
          page,
          "e->parent",
          /e is not checked for NULL, which bpf_ringbuf_reserve\(\) may give.*unchecked-null/is,
        ),
      );
      await step("problems lists all of them", () =>
        listed(page, [/not checked for NULL/, /not given back before the return/, /is a number to the verifier/]),
      );
      await step("they move with what is typed above", () => typedAbove(page));
      await step("the fix asks for NULL as the file does", () =>
        choose(page, "e->parent", /for NULL/, /if \(!e\)\s+return 0;/),
      );
      await step("the fix gives it back before the return", () =>
        // With the hints that come a moment later, `data: e, flags: 0`.
        choose(
          page,
          "bpf_ringbuf_reserve",
          /bpf_ringbuf_discard/,
          /bpf_ringbuf_discard\((?:data:)?\s*e, (?:flags:)?\s*0\);\s+return 0;/,
        ),
      );
      await step("the fix reads the field with a call", () =>
        choose(page, "name->refcnt", /BPF_CORE_READ/, /BPF_CORE_READ\(name, refcnt\)/),
      );
      await step("nothing is left", () => nothingLeft(page));
    });
  } finally {
    await server.stop();
  }
}

/** What is on the screen: the lines stand in the page as they were made, not as they follow each other. @param {Page} page */
async function shown(page) {
  const lines = await page
    .locator(".monaco-editor .view-lines")
    .first()
    .locator(".view-line")
    .evaluateAll((made) =>
      made
        .map((line) => ({ top: Number.parseFloat(line.style.top), text: line.textContent ?? "" }))
        .sort((a, b) => a.top - b.top)
        .map(({ text }) => text),
    );
  return lines.join("\n").replaceAll("\u00a0", " ");
}

/** Where a text begins, as it is shown now: the file is short enough to be on the screen. @param {Page} page @param {string} text */
async function goTo(page, text) {
  await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
  await runCommand(page, "View: Focus Active Editor Group");
  // What comes before the widget has the focus would be typed into the file.
  const sought = page.locator(".find-widget.visible .find-part textarea").first();
  await until(page, () => page.keyboard.press("Control+f"), sought);
  await sought.fill(text);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
}

/** @param {Page} page @param {string} place @param {RegExp} expected */
async function hoverSays(page, place, expected) {
  await goTo(page, place);
  await runCommand(page, "Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible").first();
  await hover.waitFor({ timeout: quick });
  await page.waitForTimeout(500); // the parts of a hover come one after another
  expectMatch((await hover.innerText()).replaceAll("\u00a0", " "), expected, "what the hover says");
}

/** @param {Page} page @param {readonly RegExp[]} expected */
async function listed(page, expected) {
  await runCommand(page, "Problems: Focus on Problems View");
  const rows = page.locator(".markers-panel .monaco-list-row");
  for (const pattern of expected) await rows.filter({ hasText: pattern }).first().waitFor({ timeout: quick });
}

/** @param {Page} page */
async function typedAbove(page) {
  await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
  await goToLine(page, "6:1");
  await page.keyboard.press("Enter");
  // From line 22 to 23, and there it stays.
  await listed(page, [/not checked for NULL.*Ln 23/s]);
  await page.waitForTimeout(1500);
  await listed(page, [/not checked for NULL.*Ln 23/s]);
}

/** @param {Page} page @param {string} place @param {RegExp} title @param {RegExp} expected */
async function choose(page, place, title, expected) {
  // What is chosen in the moment when findings come in, VS Code may drop.
  for (const end = Date.now() + quick; ; ) {
    await chooseFix(page, title, () => goTo(page, place));
    for (const soon = Date.now() + 15_000; Date.now() < soon; ) {
      if (expected.test(await shown(page))) return;
      await page.waitForTimeout(100);
    }
    if (Date.now() > end) expectMatch(await shown(page), expected, "the text");
  }
}

/** @param {Page} page */
async function nothingLeft(page) {
  await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: quick });
}
