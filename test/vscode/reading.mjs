// @ts-check
// Reading aids in the real workbench: the line above each program, hints, the target in the status bar, what is in a kernel.
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { openFile, quick, runCommand, slow, startCommand } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const NAME = "reading.bpf.c";
const SOURCE = `#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} events SEC(".maps");

SEC("tc")
int classify(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_output(&events, &now, sizeof(now), 0);
	return 0;
}
`;

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function reading() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    writeFileSync(path.join(folder, NAME), SOURCE);
    return await scenario("reading", async ({ page }, step) => {
      await step("open a program", () => openFile(page, addressOf(server, folder), NAME));
      await step("a line above it says what it is and uses", () => linesAbove(page));
      await step("hints say what the text does not", () => hints(page));
      await step("the line lists the places", () => places(page));
      await step("the line tells why it needs that kernel", () => whyThatKernel(page));
      await step("the status bar names no kernel", () => status(page, /any kernel/));
      await step("a kernel is chosen by the keyboard", () => choose(page, "5.4"));
      await step("the status bar names it, and findings follow", async () => {
        await status(page, /5\.4/);
        await found(page, /5\.4.*first in 5\.8/s);
      });
      await step("another is chosen, and they are gone", async () => {
        await chooseOther(page, "5.4", "rhel-9.4");
        await status(page, /rhel-9\.4/);
        await page.locator(".squiggly-error, .squiggly-warning").first().waitFor({ state: "detached", timeout: quick });
      });
      await step("what is in a kernel is searched by a helper's name", () => search(page));
    });
  } finally {
    await server.stop();
  }
}

/** @param {Page} page */
async function linesAbove(page) {
  // The minimum comes last, when the line is shown.
  const lenses = page
    .locator(".codelens-decoration")
    .filter({ hasText: "sched_cls" })
    .filter({ hasText: "from" })
    .first();
  await lenses.waitFor({ timeout: quick });
  expectMatch(
    (await lenses.innerText()).replaceAll("\u00a0", " "),
    /sched_cls.*1 map.*2 helpers.*≈ 8 of 512 bytes of stack.*from Linux 5\.\d/s,
    "the line above the program",
  );
}

/** @param {Page} page */
async function hints(page) {
  const editor = page.locator(".monaco-editor .view-lines").first();
  for (const hint of [": struct __sk_buff *", "ringbuf:", "flags:"])
    await editor.locator("span", { hasText: hint }).first().waitFor({ timeout: quick });
}

/** @param {Page} page */
async function places(page) {
  await page.locator(".codelens-decoration a", { hasText: "2 helpers" }).first().click();
  const peek = page.locator(".peekview-widget");
  await peek.waitFor({ timeout: quick });
  await peek.locator(".monaco-list-row", { hasText: "bpf_ringbuf_output" }).first().waitFor({ timeout: quick });
  await page.keyboard.press("Escape");
  await peek.waitFor({ state: "detached", timeout: quick });
}

/** @param {Page} page */
async function whyThatKernel(page) {
  await page.locator(".codelens-decoration a", { hasText: "from Linux" }).first().click();
  await page.locator(".tab", { hasText: "Minimum Kernel" }).first().waitFor({ timeout: quick });
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame
    .getByText(/bpf_ringbuf_output/)
    .first()
    .waitFor({ timeout: slow });
  await runCommand(page, "View: Close Editor");
}

/** @param {Page} page @param {RegExp} text */
async function status(page, text) {
  await page
    .locator("#hookpoint\\.hookpoint\\.target, .statusbar-item")
    .filter({ hasText: text })
    .first()
    .waitFor({ timeout: quick });
}

/** @param {Page} page @param {string} kernel */
async function choose(page, kernel) {
  await startCommand(page, "eBPF: Choose Target Kernel");
  await tick(page, kernel);
  await page.keyboard.press("Enter");
}

/** @param {Page} page @param {string} before @param {string} after */
async function chooseOther(page, before, after) {
  await startCommand(page, "eBPF: Choose Target Kernel");
  await tick(page, before);
  await tick(page, after);
  await page.keyboard.press("Enter");
}

/** The first that fits gets its mark, or loses it. @param {Page} page @param {string} kernel */
async function tick(page, kernel) {
  const picker = page.locator(".quick-input-widget:visible");
  const input = picker.locator("input.input").first();
  await picker.locator(".monaco-list-row", { hasText: "this machine's kernel" }).first().waitFor({ timeout: quick });
  await input.fill(kernel);
  await page.waitForTimeout(500); // the list is filtered
  await picker.locator(".monaco-list-row", { hasText: kernel }).first().waitFor({ timeout: quick });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  await input.fill("");
}

/** @param {Page} page @param {RegExp} text */
async function found(page, text) {
  await runCommand(page, "Problems: Focus on Problems View");
  await page.locator(".markers-panel .monaco-list-row").filter({ hasText: text }).first().waitFor({ timeout: quick });
}

/** @param {Page} page */
async function search(page) {
  await startCommand(page, "eBPF: What Is in This Kernel");
  const picker = page.locator(".quick-input-widget:visible");
  await picker.locator("input.input").first().fill("bpf_loop");
  await picker.locator(".monaco-list-row", { hasText: "5.17" }).first().waitFor({ timeout: quick });
  await page.keyboard.press("Enter");
  await page.locator(".tab", { hasText: "Kernel 5.17" }).first().waitFor({ timeout: quick });
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByRole("heading", { name: "What Linux 5.17 brought to BPF" }).waitFor({ timeout: slow });
  await frame.locator("li", { hasText: "bpf_loop" }).first().waitFor({ timeout: quick });
}
