// @ts-check
// The kernel's answer in the real workbench: a refused program on its line, mended, and what it costs; a log from elsewhere;
// nothing of that where nobody trusts, and nothing left loaded. As root on Linux: the kernel is this machine's.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario, sum } from "./scenario.mjs";
import {
  askForTrust,
  chooseFix,
  goToLine,
  openFile,
  openNamed,
  pick,
  quick,
  runCommand,
  says,
  slow,
  squiggle,
  startCommand,
} from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */
/** @typedef {import("./scenario.mjs").Counts} Counts */

/** Whatever a shell would make something of. */
const FOLDER = "wörk 'n $(play)";
const NAME = "counting.bpf.c";
/** Names that nobody else on this machine has loaded. */
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} hkpt_sizes SEC(".maps");

SEC("xdp")
int hkpt_count(struct xdp_md *ctx)
{
	__u32 key = (ctx->data_end - ctx->data) >> 7;
	__u64 *size = bpf_map_lookup_elem(&hkpt_sizes, &key);

	*size += 1;
	return XDP_PASS;
}

SEC("xdp")
int hkpt_sample(struct xdp_md *ctx)
{
	__u32 lucky = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 40; i++) {
		if (bpf_get_prandom_u32() & 1)
			lucky++;
	}
	return lucky > 30 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
`;
/** Go to Line counts a tab as what it is wide. */
const TAB = 4;
const BROKEN = lineOf("*size += 1;");
const LOOKUP = lineOf("bpf_map_lookup_elem");

/** As `dmesg` or a colleague may have it. */
const LOG = `libbpf: prog 'hkpt_count': BPF program load failed: Permission denied
libbpf: prog 'hkpt_count': -- BEGIN PROG LOAD LOG --
0: R1=ctx() R10=fp0
; *size += 1; @ ${NAME}:${BROKEN}
7: (79) r1 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 8 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
-- END PROG LOAD LOG --
libbpf: prog 'hkpt_count': failed to load: -13
`;

/** As kernels before 6.9 write it: without file and line. */
const OLD_LOG = LOG.replace(
  /^(; .*) @ .*$/gm,
  "; __u64 *size = bpf_map_lookup_elem(&hkpt_sizes, &key);\n5: (85) call bpf_map_lookup_elem#1\n$1",
);

/** @param {string} text */
function lineOf(text) {
  return SOURCE.split("\n").findIndex((line) => line.includes(text)) + 1;
}

/** @returns {Promise<Counts>} */
export async function verifying() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    console.log("\nverifying: left out, it needs root on Linux");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const trusted = await byTheKernel(vsix);
  const untrusted = await withoutTrust(vsix);
  const left = nothingLeft();
  return sum(trusted, untrusted, left);
}

/** @param {string} vsix @returns {Promise<Counts>} */
async function byTheKernel(vsix) {
  const server = await startCodeServer({ extensions: [vsix], settings: { "editor.minimap.enabled": false } });
  try {
    const folder = path.join(server.folder, FOLDER);
    mkdirSync(folder);
    writeFileSync(path.join(folder, NAME), SOURCE);
    writeFileSync(path.join(folder, "refused.txt"), LOG);
    writeFileSync(path.join(folder, "older.txt"), OLD_LOG);
    return await scenario("verifying", async ({ page }, step) => {
      await step("open a program that the kernel refuses", () => openFile(page, addressOf(server, folder), NAME));
      await step("each program has a lens", async () => {
        for (const number of [0, 1])
          await lens(page, /^Verify$/)
            .nth(number)
            .waitFor({ timeout: slow });
      });
      await step("Verify in Kernel says what is refused", async () => {
        await runCommand(page, "eBPF: Verify in Kernel");
        await says(page, /1 of 2 programs .* refused by Linux .* on this machine: Result may be NULL/);
      });
      await step("the lens says so too", () => lens(page, /Refused: Result may be NULL/).waitFor({ timeout: quick }));
      await step("the line is underlined", () => page.locator(".squiggly-error").first().waitFor({ timeout: quick }));
      await step("the hover explains it", () => hoverExplains(page));
      await step("the list of problems has it on its line", () => inProblems(page));
      await step("the log is shown at its step", () => showsLog(page));
      await step("the page about it", () => showsPage(page));
      await step("its link leads to the line", () => followsLink(page));
      await step("another one alone: what was said of this one stays", () => sampleAlone(page));
      await step("mended: accepted, and nothing is underlined", () => mend(page));
      await step("the lens says what it costs", () =>
        lens(page, /\d of 1,000,000 instructions · \d+ states? · stack \d+ bytes/)
          .first()
          .waitFor({ timeout: quick }),
      );
      await step("lines are marked by how often they are looked at", () => seesHeat(page));
      await step("the same in a dark theme", async () => {
        await runCommand(page, "Preferences: Toggle between Light/Dark Themes");
        await page.waitForTimeout(500);
      });
      await step("a click on the lens shows all that was counted", () => showsCost(page));
      await step("cheaper: the lens compares it with before", () => cheaper(page));
      await step("one program alone, from its lens", async () => {
        await closeMessages(page);
        await lens(page, /^Verify Again$/)
          .last()
          .click();
        await says(page, /hkpt_sample is accepted/);
      });
      await step("heat is switched off", async () => {
        await runCommand(page, "eBPF: Toggle Verifier Heat");
        await heat(page).first().waitFor({ state: "detached", timeout: quick });
      });
      await step("a log from elsewhere is explained, with a problem on its line", () =>
        explainsLog(page, "refused.txt"),
      );
      await step("what the kernel now says takes the place of what the log said", () => outdatesLog(page));
      await step("a log that names no lines: those of the open source", () => explainsLog(page, "older.txt"));
      await step("an object from the explorer", () => verifiesObject(page));
    });
  } finally {
    await server.stop();
  }
}

/** @param {string} vsix @returns {Promise<Counts>} */
async function withoutTrust(vsix) {
  const server = await startCodeServer({ extensions: [vsix], trust: false });
  try {
    const folder = path.join(server.folder, "untrusted");
    mkdirSync(folder);
    writeFileSync(path.join(folder, NAME), SOURCE.replace(/^char LICENSE.*/m, ""));
    return await scenario("verifying-untrusted", async ({ page }, step) => {
      await step("a folder that nobody trusts", async () => {
        await page.route(/\/workbench\.js/, askForTrust);
        await page.goto(addressOf(server, folder));
        await page.locator(".codicon-workspace-trust-banner").waitFor({ timeout: slow });
        await openNamed(page, NAME);
        // What needs no tool works: the finding about the licence.
        await squiggle(page).waitFor({ timeout: slow });
      });
      await step("verifies nothing and says why", async () => {
        await runCommand(page, "eBPF: Verify in Kernel");
        await says(page, /untrusted workspace/);
        if ((await lens(page, /Verify/).count()) > 0) throw new Error("there is a lens");
      });
      for (const title of ["Verify on Kernels…", "Load and Pin", "Attach…", "Run Once…", "Unload…"])
        await step(`nor does ${title}`, async () => {
          await closeMessages(page);
          await page.locator(".notification-toast").first().waitFor({ state: "hidden", timeout: slow });
          await runCommand(page, `eBPF: ${title}`);
          await says(page, /untrusted workspace/);
        });
      await step("what needs no tool works: a rule, a log", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Explain Rule");
        await page
          .locator(".quick-input-widget .monaco-list-row", { hasText: "atomic-on-old-kernel" })
          .waitFor({ timeout: quick });
        await page.keyboard.press("Escape");
        await startCommand(page, "eBPF: Explain Verifier Log");
        await pick(page, NAME);
        const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
        await frame.getByText(/nothing in it that a verifier or a loader says/).waitFor({ timeout: slow });
        if (readdirSync(folder).length !== 1) throw new Error(`there is more than the source: ${readdirSync(folder)}`);
      });
    });
  } finally {
    await server.stop();
  }
}

/** Whatever others on this machine load meanwhile. @returns {Counts} */
function nothingLeft() {
  for (const kind of ["prog", "map"]) {
    const { status, stdout, stderr } = spawnSync("bpftool", [kind, "show"], { encoding: "utf8" });
    if (status !== 0 || /hkpt_/.test(stdout)) {
      console.error(`  ✘ something is left: ${stdout}${stderr}`);
      return { passed: 0, failed: 1, skipped: 0, failures: ["verifying: something of ours is left loaded"] };
    }
  }
  console.log("  ✔ nothing of ours is left loaded");
  return { passed: 1, failed: 0, skipped: 0 };
}

/** @param {Page} page @param {RegExp} text */
function lens(page, text) {
  return page.locator(".monaco-editor .codelens-decoration a", { hasText: text });
}

/** @param {Page} page */
function heat(page) {
  return page.locator(".monaco-editor .glyph-margin-widgets [class*=TextEditorDecorationType]");
}

/** @param {Page} page */
async function hoverExplains(page) {
  await page.locator(".view-lines").first().click();
  await goToLine(page, `${BROKEN}:6`);
  await runCommand(page, "Show or Focus Hover");
  const hover = page.locator(".monaco-hover:visible", { hasText: "NULL" }).first();
  await hover.waitFor({ timeout: quick });
  await page.waitForTimeout(500); // the parts of a hover come one after another
  const text = (await hover.innerText()).replaceAll("\u00a0", " ");
  expectMatch(text, /Result may be NULL\. .*says: R\d invalid mem access 'map_value_or_null'/s, "the explanation");
  expectMatch(text, /verifier \(bug in source\)/, "its class");
}

/** @param {Page} page */
async function inProblems(page) {
  await page.keyboard.press("Escape");
  await runCommand(page, "Problems: Focus on Problems View");
  const row = page.locator(".markers-panel .monaco-list-row", { hasText: "Result may be NULL" }).first();
  await row.waitFor({ timeout: quick });
  expectMatch(await row.innerText(), new RegExp(`Ln ${BROKEN}\\b`), "the problem's line");
}

/** @param {Page} page @param {RegExp} title */
async function quickFix(page, title) {
  await chooseFix(page, title, async () => {
    await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
    await goToLine(page, `${BROKEN}:3`);
  });
}

/** @param {Page} page */
async function showsLog(page) {
  await quickFix(page, /Show Verifier Log at This Step/);
  await page.locator(".tab.active", { hasText: "hkpt_count.log" }).waitFor({ timeout: quick });
  await page
    .locator(".view-line", { hasText: /invalid.mem.access/ })
    .first()
    .waitFor({ timeout: quick });
}

/** @param {Page} page */
async function showsPage(page) {
  await quickFix(page, /^\s*Explain "Result may be NULL"/);
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByRole("heading", { name: "Result may be NULL" }).waitFor({ timeout: slow });
  await page.waitForTimeout(500);
}

/** @param {Page} page */
async function followsLink(page) {
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByRole("link", { name: `${NAME}:${LOOKUP}` }).click();
  await page.locator(".statusbar", { hasText: new RegExp(`Ln ${LOOKUP}\\b`) }).waitFor({ timeout: quick });
}

/** @param {Page} page */
async function mend(page) {
  await runCommand(page, "View: Close Editors in Other Groups");
  await closeMessages(page);
  await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
  await goToLine(page, `${BROKEN}:${TAB + 1}`);
  await page.keyboard.type("if (size)\n\t");
  await runCommand(page, "eBPF: Verify in Kernel");
  await says(page, /2 programs are accepted by Linux/);
  await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: quick });
}

/** @param {Page} page */
async function seesHeat(page) {
  await heat(page).first().waitFor({ timeout: quick });
  await goToLine(page, lineOf("bpf_get_prandom_u32") + 1);
  // What is put behind a line is no text of the page.
  const says = () =>
    [...document.querySelectorAll(".monaco-editor .view-line span")].some((span) =>
      /verifier:.\d+.times,.\d+.instructions/.test(getComputedStyle(span, "::after").content),
    );
  await page.waitForFunction(says, undefined, { timeout: quick });
}

/** @param {Page} page */
async function showsCost(page) {
  await lens(page, /of 1,000,000 instructions/)
    .last()
    .click();
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByRole("heading", { name: "hkpt_sample" }).waitFor({ timeout: slow });
  await frame
    .getByText(/\d+ times, \d+ instructions/)
    .first()
    .waitFor({ timeout: quick });
  await page.waitForTimeout(500);
}

/** @param {Page} page */
async function cheaper(page) {
  await closeMessages(page);
  await page.locator(".editor-group-container", { hasText: NAME }).locator(".view-lines").first().click();
  // The mended line is one more.
  await goToLine(page, `${lineOf("i < 40") + 1}:${TAB + "for (int i = 0; i < ".length + 1}`);
  await page.keyboard.press("Delete");
  await page.keyboard.type("2");
  await runCommand(page, "eBPF: Verify in Kernel");
  await lens(page, /\d+ % less than before/)
    .first()
    .waitFor({ timeout: slow });
}

/** @param {Page} page */
async function sampleAlone(page) {
  await closeMessages(page);
  await lens(page, /^Verify Again$/)
    .last()
    .click();
  await says(page, /hkpt_sample is accepted/);
  await lens(page, /Refused: Result may be NULL/).waitFor({ timeout: quick });
  await page.locator(".squiggly-error").first().waitFor({ timeout: quick });
}

/** @param {Page} page */
async function outdatesLog(page) {
  await page.locator(".tab", { hasText: NAME }).click();
  await closeMessages(page);
  await runCommand(page, "eBPF: Verify in Kernel");
  await says(page, /2 programs are accepted by Linux/);
  const row = page.locator(".markers-panel .monaco-list-row", { hasText: "Result may be NULL" }).first();
  await row.waitFor({ state: "detached", timeout: quick });
}

/** @param {Page} page */
async function verifiesObject(page) {
  await closeMessages(page);
  const name = NAME.replace(/c$/, "o");
  await page.locator(".explorer-viewlet .monaco-list-row").getByText(name, { exact: true }).click({ button: "right" });
  const item = page.getByRole("menuitem", { name: "Verify in Kernel" });
  // For the first tenth of a second, menus take a click for the end of the one that opened them.
  do {
    await item.click({ timeout: quick });
    await page.waitForTimeout(300);
  } while (await item.isVisible());
  await says(page, /2 programs are accepted by Linux/);
}

/** @param {Page} page @param {string} log */
async function explainsLog(page, log) {
  await openNamed(page, log);
  await startCommand(page, "eBPF: Explain Verifier Log");
  await pick(page, log);
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.getByText(/The program is refused: Result may be NULL/).waitFor({ timeout: slow });
  // By its words: the line that was mended has put it one further down.
  await frame.getByRole("link", { name: `${NAME}:${BROKEN + 1}` }).waitFor({ timeout: quick });
  await page
    .locator(".markers-panel .monaco-list-row", { hasText: "Result may be NULL" })
    .first()
    .waitFor({ timeout: quick });
}

/** @param {Page} page */
async function closeMessages(page) {
  await runCommand(page, "Notifications: Clear All Notifications");
}
