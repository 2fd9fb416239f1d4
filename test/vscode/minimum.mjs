// @ts-check
// The page about the minimum kernel, in the real workbench: asked for by its command.
import { cpSync, existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario } from "./scenario.mjs";
import { openSource, quick, runCommand, slow } from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

const NAME = "execwatch.bpf.c";

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function minimum() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, "a project");
    mkdirSync(folder);
    cpSync(path.join(root, "test", "example"), folder, { recursive: true });
    return await scenario("minimum", async ({ page }, step) => {
      await step("open a program", () => openSource(page, addressOf(server, folder), NAME));
      await step("the page tells the kernel, the reasons and what would lower it", async () => {
        await runCommand(page, "eBPF: Show Minimum Kernel");
        await says(
          page,
          /Minimum kernel of execwatch\.bpf\.c.*Linux 5\.8.*5\.8\s+RINGBUF maps, line 16.*without RINGBUF maps/s,
        );
      });
    });
  } finally {
    await server.stop();
  }
}

/** @param {Page} page @param {RegExp} expected */
async function says(page, expected) {
  const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
  await frame.locator("h1").first().waitFor({ timeout: slow });
  for (const end = Date.now() + quick; ; ) {
    const text = await frame.locator("body").innerText();
    if (expected.test(text)) return;
    if (Date.now() > end) expectMatch(text, expected, "the page");
    await page.waitForTimeout(200);
  }
}
