// @ts-check
// Loading to stay, in the real workbench: loaded, attached, run, unloaded, and nothing left when the window is closed. All of it in
// namespaces of its own, so that nothing of it is the machine's. As root on Linux.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { input, openSource, pick, press, quick, runCommand, says, slow, startCommand } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */
/** @typedef {import("./scenario.mjs").Counts} Counts */

/** Whatever a shell would make something of. */
const FOLDER = "wörk 'n $(play)";
const NAME = "holding.bpf.c";
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int hkpt_mark(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;

	if (data + 1 > end)
		return XDP_DROP;
	data[0] = 0x42;
	return XDP_PASS;
}

SEC("tracepoint/syscalls/sys_enter_execve")
int hkpt_exec(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
`;
const SETUP = `set -e
mount --make-rprivate /
mount -t sysfs sysfs /sys
mount -t tracefs tracefs /sys/kernel/tracing
mount -t bpf bpf /sys/fs/bpf
ip link set lo up
ip link add left type veth peer name right
ip link set left up
ip link set right up
ip link add in-use type bridge
ip link set in-use up
exec "$@"`;
/** Says that we are in there. */
const INSIDE = "HOOKPOINT_PRIVATE_PLACE";

/** @returns {Promise<Counts>} */
export async function loading() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    console.log("\nloading: left out, it needs root on Linux");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  if (process.env[INSIDE] !== undefined) return inside();
  const folder = mkdtempSync(path.join(tmpdir(), "hookpoint-counts-"));
  const file = path.join(folder, "counts");
  try {
    const again = [process.execPath, path.join(root, "test/vscode/run.mjs"), "loading"];
    const env = { ...process.env, [INSIDE]: "yes", HOOKPOINT_TEST_COUNTS: file };
    spawnSync("unshare", ["-m", "-n", "sh", "-c", SETUP, "sh", ...again], { env, stdio: "inherit" });
    if (!existsSync(file)) throw new Error("it could not run in namespaces of its own");
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns {Promise<Counts>} */
async function inside() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  let isStopped = false;
  try {
    const folder = path.join(server.folder, FOLDER);
    mkdirSync(folder);
    writeFileSync(path.join(folder, NAME), SOURCE);
    return await scenario("loading", async ({ page }, step) => {
      await step("open a source", () => openSource(page, addressOf(server, folder), NAME));
      await step("Load and Pin says where it is", async () => {
        await runCommand(page, "eBPF: Load and Pin");
        await says(page, /Loaded 2 programs of holding, pinned below \/sys\/fs\/bpf\/hookpoint\/holding/);
        expectMatch(shell("bpftool prog show"), /name hkpt_mark/, "the program in the kernel");
        expectMatch(shell("ls /sys/fs/bpf/hookpoint/holding/programs"), /hkpt_exec\nhkpt_mark/, "pins");
      });
      await step("the status bar says how much is loaded", () => status(page).waitFor({ timeout: quick }));
      await step("Attach asks for program and place", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Attach…");
        await pick(page, "hkpt_mark");
        await page
          .locator(".quick-input-widget .monaco-list-row", { hasText: "left generic" })
          .waitFor({ timeout: quick });
      });
      await step("attached to an interface", async () => {
        await page.locator(".quick-input-widget .monaco-list-row", { hasText: "left generic" }).click();
        await says(page, /hkpt_mark is attached to xdp:left:generic until this window closes/);
        expectMatch(shell("ip -details link show left"), /xdpgeneric/, "the program on the interface");
      });
      await step("an interface in use is asked about first", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Attach…");
        await pick(page, "hkpt_mark");
        await input(page).fill("in-use generic");
        await pick(page, "in-use generic");
        const dialog = page.locator(".monaco-dialog-box", { hasText: "in-use is in use" });
        await dialog.waitFor({ timeout: quick });
      });
      await step("and not attached where that is declined", async () => {
        await page.keyboard.press("Escape");
        await page.locator(".monaco-dialog-box").waitFor({ state: "hidden", timeout: quick });
        if (/xdp/.test(shell("ip -details link show in-use"))) throw new Error("it was attached all the same");
      });
      await step("one that is in the way is said so", async () => {
        await startCommand(page, "eBPF: Attach…");
        await pick(page, "hkpt_mark");
        await pick(page, "left native");
        await says(page, /hkpt_mark cannot be attached to xdp:left:native: an XDP program is attached/);
      });
      await step("a tracepoint by its section", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Attach…");
        await pick(page, "hkpt_exec");
        await says(page, /hkpt_exec is attached as its section says/);
      });
      await step("Run Once: the usual packet", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Run Once…");
        await pick(page, "hkpt_mark");
        await pick(page, "The usual input");
        await says(page, /hkpt_mark returned 2 \(XDP_PASS\) after \d+ ns; 1 of 64 bytes changed, from byte 0/);
      });
      await step("its bytes are shown", async () => {
        await press(page, "Show Bytes");
        await page.locator(".view-line", { hasText: "42 00 00 00 00 02" }).first().waitFor({ timeout: quick });
        await page.locator(".tab", { hasText: NAME }).click();
      });
      await step("Run Once: a packet in hex", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Run Once…");
        await pick(page, "hkpt_mark");
        await pick(page, "A packet in hex");
        await input(page).fill("42 00 00 00 00 00 02 00 00 00 00 01 08 00 45");
        await page.keyboard.press("Enter");
        await says(page, /hkpt_mark returned 2 .*; the packet is unchanged/);
      });
      await step("Run Once: a type that cannot run by itself", async () => {
        await closeMessages(page);
        await startCommand(page, "eBPF: Run Once…");
        await pick(page, "hkpt_exec");
        await pick(page, "The usual input");
        await says(page, /hkpt_exec was not run: this kernel cannot run programs of this type by themselves/);
      });
      await step("Unload lists what is loaded and attached", async () => {
        await closeMessages(page);
        await status(page).click();
        await page
          .locator(".quick-input-widget .monaco-list-row", { hasText: "only detach from xdp:left:generic" })
          .waitFor({ timeout: quick });
      });
      await step("one is detached", async () => {
        await pick(page, "only detach from xdp:left:generic");
        await page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
        await says(page, /hkpt_mark is detached from xdp:left:generic/);
        if (/xdp/.test(shell("ip -details link show left"))) throw new Error("it is still attached");
      });
      await step("what a killed process left is listed and unloaded", async () => {
        await closeMessages(page);
        process.kill(holder(), "SIGKILL");
        await says(page, /holding is no longer held\. What held it was killed/);
        await closeMessages(page);
        await startCommand(page, "eBPF: Unload…");
        await pick(page, "left behind by a process that was killed");
        await page.locator(".quick-input-widget .monaco-button", { hasText: "OK" }).click();
        await says(page, /holding is unloaded/);
        await gone();
      });
      await step("loaded again, and the window is closed: nothing stays", async () => {
        await closeMessages(page);
        await runCommand(page, "eBPF: Load and Pin");
        await says(page, /Loaded 2 programs/);
        await startCommand(page, "eBPF: Attach…");
        await pick(page, "hkpt_mark");
        await pick(page, "left generic");
        await says(page, /attached to xdp:left:generic/);
        await page.goto("about:blank");
        await server.stop();
        isStopped = true;
        await gone();
      });
    });
  } finally {
    if (!isStopped) await server.stop();
  }
}

/** @param {string} script */
function shell(script) {
  const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
}

/** The process that holds what is loaded, as its folder says. */
function holder() {
  return Number(/^\d+/.exec(shell("readlink /sys/fs/bpf/hookpoint/holding/holder"))?.[0]);
}

async function gone() {
  const look =
    "ls -A /sys/fs/bpf | grep -v debug; bpftool prog show | grep hkpt_; bpftool link show; ip -details link show | grep xdp; true";
  for (const end = Date.now() + quick; shell(look) !== ""; ) {
    if (Date.now() > end) throw new Error(`there is still:\n${shell(look)}`);
    await sleep(100);
  }
}

/** @param {Page} page */
function status(page) {
  return page.locator(".statusbar-item", { hasText: /\d+ loaded/ });
}

/** @param {Page} page */
async function closeMessages(page) {
  await runCommand(page, "Notifications: Clear All Notifications");
  await page.locator(".notification-toast").first().waitFor({ state: "hidden", timeout: slow });
}
