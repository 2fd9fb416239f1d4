// @ts-check
// Asking for root, in the real workbench of somebody who is not root: declined, a wrong password, the right one; where sudo asks for
// none; and nothing left. As root on Linux, since the sudo that is tried is made here.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { findProgram, root } from "./process.mjs";
import { expectMatch, scenario, sum } from "./scenario.mjs";
import { openSource, quick, runCommand, says, slow } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */
/** @typedef {import("./scenario.mjs").Counts} Counts */

/** Nobody, who has no rights. */
const PERSON = 65534;
const NAME = "asking.bpf.c";
const SOURCE = `#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int hkpt_ask(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
`;

/** @returns {Promise<Counts>} */
export async function asking() {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !findProgram("setpriv")) {
    console.log("\nasking: left out, it needs root on Linux, and setpriv");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const tools = mkdtempSync(path.join(tmpdir(), "hookpoint-sudo-"));
  try {
    chmodSync(tools, 0o755);
    const sudo = path.join(tools, "sudo");
    execFileSync("cc", ["-o", sudo, path.join(root, "test/kernel/fake-sudo.c")]);
    chmodSync(sudo, 0o4755);
    const withPassword = await byTerminal(vsix, tools);
    const without = await withoutPassword(vsix, tools);
    return sum(withPassword, without);
  } finally {
    rmSync(tools, { recursive: true });
  }
}

/** @param {string} vsix @param {string} tools @returns {Promise<Counts>} */
async function byTerminal(vsix, tools) {
  const env = { SHELL: "/bin/bash", SUDO_ASKS: "1" };
  // Else its text is a picture.
  const settings = { "terminal.integrated.gpuAcceleration": "off" };
  const server = await startCodeServer({ extensions: [vsix], settings, env, user: PERSON });
  try {
    const folder = folderIn(server.folder, tools);
    return await scenario("asking", async ({ page }, step) => {
      await step("open a source as somebody who is not root", () => openSource(page, addressOf(server, folder), NAME));
      await step("Verify in Kernel shows the very command", async () => {
        await runCommand(page, "eBPF: Verify in Kernel");
        const text = await (await dialog(page)).innerText();
        expectMatch(text, /\/sudo -- \S+\/agent verify/, "the command");
        expectMatch(text, /asks for it in a terminal/, "where the password goes");
      });
      await step("declined: nothing runs", async () => {
        await button(page, "Cancel").click();
        await dialog(page, "hidden");
        await page
          .locator(".notification-toast", { hasText: "Verifying" })
          .waitFor({ state: "hidden", timeout: quick });
        if ((await page.locator(".terminal-wrapper").count()) > 0) throw new Error("there is a terminal");
      });
      await step("sudo asks in a terminal", async () => {
        await runCommand(page, "eBPF: Verify in Kernel");
        await dialog(page);
        await button(page, "Run as Root").click();
        await terminalSays(page, "password for a person");
      });
      await step("a wrong password: it says so", async () => {
        await page.keyboard.type("wrong\n");
        await says(page, /ended without an answer/);
        await page.waitForTimeout(500);
      });
      await step("the right one: the kernel answers", async () => {
        await runCommand(page, "Notifications: Clear All Notifications");
        await runCommand(page, "eBPF: Verify in Kernel");
        await dialog(page);
        await button(page, "Run as Root").click();
        await terminalSays(page, "password for a person");
        await page.keyboard.type("right\n");
        await says(page, /hkpt_ask is accepted by Linux/);
        await page.waitForTimeout(500);
      });
      await step("nothing is left of it", async () => nothingLeft(server.folder));
    });
  } finally {
    await server.stop();
  }
}

/** @param {string} vsix @param {string} tools @returns {Promise<Counts>} */
async function withoutPassword(vsix, tools) {
  const server = await startCodeServer({ extensions: [vsix], env: { SHELL: "/bin/bash" }, user: PERSON });
  try {
    const folder = folderIn(server.folder, tools);
    return await scenario("asking-once", async ({ page }, step) => {
      await step("open a source as somebody whose sudo wants no password", () =>
        openSource(page, addressOf(server, folder), NAME),
      );
      await step("asked all the same, once for the window", async () => {
        await runCommand(page, "eBPF: Verify in Kernel");
        await dialog(page);
        await button(page, "Run, and Don't Ask Again in This Window").click();
        await says(page, /hkpt_ask is accepted by Linux/);
      });
      await step("not asked again", async () => {
        await runCommand(page, "Notifications: Clear All Notifications");
        await runCommand(page, "eBPF: Verify in Kernel");
        await says(page, /hkpt_ask is accepted by Linux/);
      });
      await step("nothing is left of it", async () => nothingLeft(server.folder));
    });
  } finally {
    await server.stop();
  }
}

/** @param {string} place their home @param {string} tools */
function folderIn(place, tools) {
  // VS Code takes the path from a shell that the person has logged in to.
  writeFileSync(path.join(place, ".profile"), `PATH=${tools}:$PATH\n`);
  const folder = path.join(place, "wörk 'n $(play)");
  mkdirSync(folder);
  writeFileSync(path.join(folder, NAME), SOURCE);
  execFileSync("chown", ["-R", `${PERSON}:${PERSON}`, folder]);
  return folder;
}

/** @param {Page} page @param {"visible" | "hidden"} [state] */
async function dialog(page, state = "visible") {
  const box = page.locator(".monaco-dialog-box", { hasText: "lets only root load" });
  await box.waitFor({ state, timeout: slow });
  return box;
}

/** @param {Page} page @param {string} name */
function button(page, name) {
  return page.locator(".monaco-dialog-box").getByRole("button", { name, exact: true });
}

/** @param {Page} page @param {string} text */
async function terminalSays(page, text) {
  await page.locator(".terminal-wrapper.active .xterm-rows", { hasText: text }).waitFor({ timeout: slow });
}

/** @param {string} place what belongs to the editor */
function nothingLeft(place) {
  const files = readdirSync(path.join(place, "tmp")).filter((name) => name.startsWith("hookpoint-"));
  if (files.length > 0) throw new Error(`there is still ${files}`);
  const loaded = execFileSync("bpftool", ["prog", "show"], { encoding: "utf8" });
  if (/hkpt_ask/.test(loaded)) throw new Error(`it is still loaded:\n${loaded}`);
}
