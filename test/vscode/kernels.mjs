// @ts-check
// Several kernels in the real workbench: chosen from a list, one of them started in a guest, shown as a table with links; asked
// again while it is warm; cancelled while it starts; and gone with the editor. As root on x86-64 Linux with QEMU.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { findProgram, root } from "./process.mjs";
import { scenario, sum } from "./scenario.mjs";
import { input, openSource, quick, slow, startCommand } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */
/** @typedef {import("./scenario.mjs").Counts} Counts */

const NAME = "lookup.bpf.c";
/** Newer kernels know that a lookup with such a key finds something, the one in the guest does not. */
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("xdp")
int constant_key(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *hit = bpf_map_lookup_elem(&hits, &key);

	*hit += 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
`;
const REFUSED = SOURCE.split("\n").findIndex((line) => line.includes("*hit += 1")) + 1;

/** @returns {Promise<Counts>} */
export async function kernels() {
  if (process.platform !== "linux" || process.arch !== "x64" || process.getuid?.() !== 0 || !findQemu()) {
    console.log("\nkernels: left out, it needs root on x86-64 Linux, and QEMU");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const settings = {
    "hookpoint.kernels.images": [{ name: "older", image: fetched("6.1") }],
    "hookpoint.kernels.acceleration": "off",
  };
  const env = { HOOKPOINT_ACCELERATION: "off", HOOKPOINT_TEST_GUESTS: String(process.pid) };
  const server = await startCodeServer({ extensions: [vsix], env });
  /** @type {string[]} */
  let pids = [];
  try {
    const folder = path.join(server.folder, "wörk 'n $(play)");
    mkdirSync(path.join(folder, ".vscode"), { recursive: true });
    writeFileSync(path.join(folder, NAME), SOURCE);
    // Paths are those of the machine that the window works on, so they are no settings of the person's for all machines.
    writeFileSync(path.join(folder, ".vscode/settings.json"), JSON.stringify(settings));
    const counts = await scenario("kernels", async ({ page }, step) => {
      await step("open a program that kernels differ on", () => openSource(page, addressOf(server, folder), NAME));
      await step("cancelled while the guest starts: nothing is left", async () => {
        await choose(page, ["older"]);
        await page.locator(".notification-toast", { hasText: "starting older" }).waitFor({ timeout: slow });
        await page.locator(".notification-toast .monaco-button", { hasText: /^Cancel$/ }).click({ timeout: quick });
        await until(() => guests().length === 0);
      });
      await step("Verify on Kernels… asks which", () => choose(page, ["This machine", "older"]));
      await step("the table says what each of them says", async () => {
        const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
        await frame.getByRole("heading", { name: `${NAME} on 2 kernels` }).waitFor({ timeout: slow });
        const row = frame.locator("tr", { hasText: "older" });
        await row.getByText("refused").waitFor({ timeout: quick });
        await row.getByRole("link", { name: `${NAME}:${REFUSED}` }).waitFor({ timeout: quick });
        await frame.locator("tr", { hasText: "this machine" }).waitFor({ timeout: quick });
        await page.waitForTimeout(500);
      });
      await step("the refusal is a problem on its line", () =>
        page.locator(".squiggly-error").first().waitFor({ timeout: quick }),
      );
      await step("one guest runs, and is asked again", async () => {
        pids = guests();
        if (pids.length !== 1) throw new Error(`guests: ${pids}`);
        await page
          .locator(".editor-group-container", { hasText: "constant_key" })
          .locator(".view-lines")
          .first()
          .click();
        await choose(page, undefined);
        await sleep(4000);
        if (String(guests()) !== String(pids)) throw new Error(`another guest: ${guests()}`);
      });
    });
    await server.stop();
    return sum(counts, await gone(pids));
  } finally {
    await server.stop();
  }
}

function findQemu() {
  return findProgram("qemu-system-x86_64") !== undefined;
}

/** The path of an image out of the distribution's packages. @param {string} series */
function fetched(series) {
  const cli = path.join(root, "dist/server/cli.js");
  const hookpoint = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [cli, "kernels", ...args], { encoding: "utf8" });
  /** @returns {{ from: string, release: string, image: string }[]} */
  const here = () => JSON.parse(hookpoint("--format", "json").stdout).kernels;
  const find = () => here().find(({ from, release }) => from === "fetched" && release.startsWith(`${series}.`))?.image;
  if (find() === undefined) hookpoint("fetch", series);
  const image = find();
  if (image === undefined) throw new Error(`no kernel of ${series} could be fetched`);
  return image;
}

/** Ticks kernels in the list; those of the last time stay ticked. @param {Page} page @param {readonly string[] | undefined} labels */
async function choose(page, labels) {
  await startCommand(page, "eBPF: Verify on Kernels…");
  await page.locator(".quick-input-widget .monaco-list-row", { hasText: "older" }).waitFor({ timeout: slow });
  for (const label of labels ?? []) {
    const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: label }).first();
    const box = row.getByRole("checkbox");
    if ((await box.getAttribute("aria-checked")) !== "true") await row.click();
  }
  await input(page).focus();
  await page.keyboard.press("Enter");
}

/** The guests of our editor: they have its environment. */
function guests() {
  return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isGuest(pid));
}

/** @param {string} pid */
function isGuest(pid) {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    if (!command.includes("qemu-system-x86_64") || !command.includes("rdinit=/loader")) return false;
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`HOOKPOINT_TEST_GUESTS=${process.pid}`);
  } catch {
    return false;
  }
}

/** @param {() => boolean} holds */
async function until(holds) {
  for (const deadline = Date.now() + slow; !holds(); await sleep(100))
    if (Date.now() > deadline) throw new Error("it does not come about");
}

/** @param {readonly string[]} pids @returns {Promise<Counts>} */
async function gone(pids) {
  try {
    // Ended with the editor or, where that was killed, soon by itself.
    await until(() => pids.length > 0 && guests().length === 0);
    console.log("  ✔ no guest is left");
    return { passed: 1, failed: 0, skipped: 0 };
  } catch {
    console.error(`  ✘ guests are left: ${pids}`);
    return { passed: 0, failed: 1, skipped: 0, failures: ["kernels: a guest is left"] };
  }
}
