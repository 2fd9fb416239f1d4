// @ts-check
// Finding one's way in the real workbench, by the keyboard alone: definition, references, rename over a header, symbols.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { openFile, openNamed, quick, runCommand, says, slow, until } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */
/** @typedef {import("./window.mjs").Locator} Locator */

const NAME = "first.bpf.c";
const HEADER = `#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");
`;
const FIRST = `#include "maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static long forget(__u32 key)
{
	return bpf_map_delete_elem(&counts, &key);
}

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	return forget(ctx->rx_queue_index) ? XDP_DROP : XDP_PASS;
}
`;
const SECOND = `#include "maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

SEC("tc")
int on_frame(struct __sk_buff *skb)
{
	__u32 key = skb->mark;

	return bpf_map_lookup_elem(&counts, &key) != NULL;
}
`;

const LOADER = `#include "first.skel.h"

int main(void)
{
	struct first_bpf *skel = first_bpf__open_and_load();

	return bpf_program__fd(skel->progs.on_packet);
}
`;

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function navigating() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "maps.bpf.h"), HEADER);
    writeFileSync(path.join(folder, NAME), FIRST);
    writeFileSync(path.join(folder, "second.bpf.c"), SECOND);
    writeFileSync(path.join(folder, "loader.c"), LOADER);
    return await scenario("navigating", async ({ page }, step) => {
      await step("open a program that uses a map of a header", () => openFile(page, addressOf(server, folder), NAME));
      await step("its breadcrumbs name the program", () => breadcrumbs(page));
      await step("F12 leads to the map in the header", () => definition(page));
      await step("Shift+F12 shows all its places", () => references(page));
      await step("F2 renames it in all files", () => rename(page, folder));
      await step("F2 on a helper says why not", () => refused(page));
      await step("Ctrl+T finds the program of a file that is not open", () => symbol(page));
      await step("the call hierarchy shows who calls", () => calls(page));
      await step("from a loader F12 leads through the skeleton to the program", () => fromLoader(page));
    });
  } finally {
    await server.stop();
  }
}

/** Puts the cursor into a word. @param {Page} page @param {string} text */
async function goTo(page, text) {
  await runCommand(page, "View: Focus Active Editor Group");
  await page.keyboard.press("Control+f");
  // It stands there before it takes the keys.
  await page.locator(".find-widget.visible .find-part textarea:focus").first().waitFor({ timeout: quick });
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
  await page.locator(".find-widget.visible .matchesCount", { hasText: " of " }).first().waitFor({ timeout: quick });
  await page.keyboard.press("Enter");
  // A notification may be the first to go.
  const widget = page.locator(".find-widget.visible");
  for (const end = Date.now() + quick; (await widget.count()) > 0 && Date.now() < end; await page.waitForTimeout(200))
    await page.keyboard.press("Escape");
}

/** The tab in front. @param {Page} page @param {string} name */
function tab(page, name) {
  return page.locator(".tab.active", { hasText: name }).first();
}

/** @param {Page} page @param {string} name */
async function inFront(page, name) {
  await tab(page, name).waitFor({ timeout: slow });
}

/** Puts the cursor into a word and presses a key, until that shows. @param {Page} page @param {string} text @param {string} key @param {Locator} shown */
async function ask(page, text, key, shown) {
  const press = async () => {
    await goTo(page, text);
    await page.keyboard.press(key);
  };
  await until(page, press, shown);
}

/** @param {Page} page */
async function breadcrumbs(page) {
  await goTo(page, "rx_queue_index");
  await page.locator(".breadcrumbs-control", { hasText: "on_packet" }).first().waitFor({ timeout: slow });
}

/** @param {Page} page */
async function definition(page) {
  await ask(page, "counts", "F12", tab(page, "maps.bpf.h"));
  await page
    .locator(".monaco-editor .view-line", { hasText: 'counts SEC(".maps")' })
    .first()
    .waitFor({ timeout: quick });
}

/** @param {Page} page */
async function references(page) {
  await page.keyboard.press("Shift+F12");
  const rows = page.locator(".reference-zone-widget .monaco-list-row");
  for (const name of ["first.bpf.c", "second.bpf.c", "maps.bpf.h"])
    await rows.filter({ hasText: name }).first().waitFor({ timeout: quick });
}

/** @param {Page} page @param {string} folder */
async function rename(page, folder) {
  await page.keyboard.press("Escape");
  await page.locator(".reference-zone-widget").first().waitFor({ state: "detached", timeout: quick });
  await page.keyboard.press("F2");
  // It stands there before it takes the keys.
  await page.locator(".rename-box input:focus").first().waitFor({ timeout: quick });
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText("seen");
  await page.keyboard.press("Enter");
  await says(page, /counts.*seen.*skeletons/s);
  const read = (/** @type {string} */ name) => readFileSync(path.join(folder, name), "utf8");
  // What is renamed is saved by the editor itself, file by file.
  const isSaved = () => ["maps.bpf.h", NAME, "second.bpf.c"].every((name) => read(name).includes("seen"));
  for (const end = Date.now() + quick; Date.now() < end && !isSaved(); ) await page.waitForTimeout(200);
  expectMatch(read("maps.bpf.h"), /\} seen SEC\("\.maps"\);/, "the map");
  expectMatch(read(NAME), /bpf_map_delete_elem\(&seen, &key\)/, "its use in the open file");
  expectMatch(read("second.bpf.c"), /bpf_map_lookup_elem\(&seen, &key\)/, "its use in the other file");
}

/** @param {Page} page */
async function refused(page) {
  await runCommand(page, "Go Back");
  await inFront(page, NAME);
  const message = page.locator(".monaco-editor-overlaymessage", { hasText: "is a helper of the kernel" }).first();
  await ask(page, "bpf_map_delete_elem", "F2", message);
}

/** @param {Page} page */
async function symbol(page) {
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+t");
  const input = page.locator(".quick-input-widget:visible input.input").first();
  await input.waitFor({ timeout: quick });
  await page.keyboard.type("on_fr");
  const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: "on_frame" }).first();
  await row.waitFor({ timeout: quick });
  await page.keyboard.press("Enter");
  await inFront(page, "second.bpf.c");
}

/** @param {Page} page */
async function calls(page) {
  await runCommand(page, "Go Back");
  await inFront(page, NAME);
  await goTo(page, "long forget");
  await runCommand(page, "Peek Call Hierarchy");
  const rows = page.locator(".call-hierarchy .monaco-list-row");
  await rows.filter({ hasText: "on_packet" }).first().waitFor({ timeout: quick });
}

/** @param {Page} page */
async function fromLoader(page) {
  await openNamed(page, "loader.c");
  await ask(page, "on_packet", "F12", tab(page, NAME));
  await page.locator(".monaco-editor .view-line", { hasText: "int on_packet" }).first().waitFor({ timeout: quick });
}
