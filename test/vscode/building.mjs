// @ts-check
// From nothing to a running program, in the real workbench: a new project, its object, its skeleton, the loader that is written
// from the model, its events from the real kernel; a compiler's error on its line; and nothing of that where nobody trusts.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { addressOf, startCodeServer } from "./code-server.mjs";
import { root } from "./process.mjs";
import { expectMatch, scenario, sum } from "./scenario.mjs";
import {
  askForTrust,
  input,
  openNamed,
  openWindow,
  pick,
  press,
  quick,
  runCommand,
  says,
  slow,
  squiggle,
  startCommand,
} from "./window.mjs";

/** @typedef {import("./browser.mjs").Page} Page */

/** Whatever a shell would make something of. */
const FOLDER = "wörk 'n $(play)";
const NAME = "exec-watch";

/** @returns {Promise<import("./scenario.mjs").Counts>} */
export async function building() {
  const vsix = path.join(root, "hookpoint.vsix");
  if (!existsSync(vsix)) throw new Error("hookpoint.vsix is missing: run `npm run build` and `npm run package` first.");
  const made = await fromNothing(vsix);
  const untrusted = await withoutTrust(vsix);
  return sum(made, untrusted);
}

/** @param {string} vsix */
async function fromNothing(vsix) {
  const server = await startCodeServer({ extensions: [vsix] });
  try {
    const folder = path.join(server.folder, FOLDER);
    const start = path.join(folder, "an old one");
    const project = path.join(folder, NAME);
    mkdirSync(start, { recursive: true });
    return await scenario("building", async ({ page }, step) => {
      await step("open a window with another folder", () => openWindow(page, addressOf(server, start)));
      await step("New Project: choose language and program", () => choose(page));
      await step("a name that cannot be one is refused", () => refuseName(page));
      await step("name and folder", () => nameIt(page));
      await step("the files are written", () => seeFiles(project));
      await step("the program is shown in its window", () => openIt(page));
      await step("it is built at once", () => buildIt(page, project));
      await step("the skeleton is made", async () => {
        // The loader of the project is of another making; here it is written from the model.
        rmSync(path.join(project, `${NAME}.c`));
        await runCommand(page, "eBPF: Build and Generate Skeleton");
        await says(page, /Made exec-watch\.skel\.h/);
      });
      await step("the loader is written", async () => {
        await press(page, "Write Loader");
        await page.locator(".tab", { hasText: /^exec-watch\.c$/ }).waitFor({ timeout: quick });
      });
      await step("the loader compiles and prints events of the kernel", () => loaderRuns(project));
      await step("Show Disassembly puts the instructions beside the source", async () => {
        await openNamed(page, `${NAME}.bpf.c`);
        await runCommand(page, "eBPF: Show Disassembly");
        await page.locator(".view-line", { hasText: "call bpf_ringbuf_reserve" }).first().waitFor({ timeout: quick });
      });
      await step("vmlinux.h is made of what is used", () => smallTypes(page, project));
      await step("clangd is set up", async () => {
        await runCommand(page, "eBPF: Set Up clangd");
        await says(page, /finds no error in them/);
        expectMatch(readFileSync(path.join(project, ".clangd"), "utf8"), /__TARGET_ARCH_/, "our part of .clangd");
      });
      await step("a compiler's error is a problem on its line", async () => {
        await compilerError(page, project);
      });
      await step("Check Toolchain reports what is there", async () => {
        await runCommand(page, "eBPF: Check Toolchain");
        const frame = page.frameLocator("iframe.webview.ready").last().frameLocator("iframe#active-frame");
        await frame
          .getByText(/clang 1\d/)
          .first()
          .waitFor({ timeout: slow });
      });
    });
  } finally {
    await server.stop();
  }
}

/** @param {string} vsix */
async function withoutTrust(vsix) {
  const server = await startCodeServer({ extensions: [vsix], trust: false });
  try {
    const folder = path.join(server.folder, "untrusted");
    mkdirSync(folder);
    writeFileSync(
      path.join(folder, "x.bpf.c"),
      '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nSEC("xdp") int x(void *c)\n{\n\treturn XDP_PASS;\n}\n',
    );
    return await scenario("untrusted", async ({ page }, step) => {
      await step("a folder that nobody trusts", async () => {
        await page.route(/\/workbench\.js/, askForTrust);
        await page.goto(addressOf(server, folder));
        await page.locator(".codicon-workspace-trust-banner").waitFor({ timeout: slow });
        await openNamed(page, "x.bpf.c");
        // What needs no tool works: the finding about its context.
        await squiggle(page).waitFor({ timeout: slow });
      });
      await step("builds nothing and says why", async () => {
        await runCommand(page, "eBPF: Build Object File");
        await says(page, /untrusted workspace/);
        if (readdirSync(folder).length !== 1) throw new Error(`there is more than the source: ${readdirSync(folder)}`);
      });
    });
  } finally {
    await server.stop();
  }
}

/** What the loader prints in a mount and network namespace of its own, from which nothing leaks. @param {string} project */
async function loaderRuns(project) {
  const program = path.join(project, NAME);
  const compile = spawnSync("cc", ["-Wall", "-Wextra", "-Werror", "-O2", `${program}.c`, "-o", program, "-lbpf"], {
    encoding: "utf8",
  });
  if (compile.status !== 0) throw new Error(compile.stderr);
  const script =
    'mount -t tracefs t /sys/kernel/tracing && { "$1" 2> "$1.err" & until grep -q " runs, " "$1.err" || ! kill -0 $! 2> /dev/null; do sleep 0.1; done; /bin/true; sleep 0.5; kill -INT $!; wait $!; }';
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "-n", "sh", "-c", script, "sh", program], {
    encoding: "utf8",
    timeout: 30_000,
  });
  if (status !== 0) throw new Error(`the loader ended with ${status}:\n${stdout}\n${stderr}`);
  expectMatch(stdout, /\btrue\b/, "the event of a program that was started");
}

/** @param {Page} page @param {string} project */
async function smallTypes(page, project) {
  const header = path.join(project, "vmlinux.h");
  const before = statSync(header).size;
  await startCommand(page, "eBPF: Generate vmlinux.h");
  await pick(page, "This machine");
  await pick(page, "Only what is used");
  for (const end = Date.now() + quick; statSync(header).size === before; ) {
    if (Date.now() > end) throw new Error("vmlinux.h is the same");
    await page.waitForTimeout(100);
  }
  if (statSync(header).size * 20 > before) throw new Error(`${statSync(header).size} bytes of ${before}`);
}

/** @param {Page} page @param {string} project */
async function compilerError(page, project) {
  const source = path.join(project, `${NAME}.bpf.c`);
  const text = readFileSync(source, "utf8");
  const line = text.split("\n").findIndex((one) => one.includes("return 0;")) + 1;
  writeFileSync(source, text.replace("return 0;", "return nothing;"));
  await openNamed(page, `${NAME}.bpf.c`);
  await page
    .locator(".view-line", { hasText: "return" })
    .filter({ hasText: "nothing" })
    .first()
    .waitFor({ timeout: quick });
  await runCommand(page, "eBPF: Build Object File");
  await says(page, /Build failed/);
  await runCommand(page, "Problems: Focus on Problems View");
  const row = page.locator(".markers-panel .monaco-list-row", { hasText: "undeclared identifier" }).first();
  await row.waitFor({ timeout: quick });
  expectMatch(await row.innerText(), new RegExp(`Ln ${line}\\b`), "the problem's line");
}

/** @param {Page} page */
async function choose(page) {
  await startCommand(page, "eBPF: New Project");
  await pick(page, "C with libbpf");
  await pick(page, "Tracepoint");
}

/** @param {Page} page */
async function refuseName(page) {
  await page.locator(".quick-input-widget", { hasText: "(3/4)" }).waitFor({ timeout: quick });
  await input(page).fill("größe");
  await page.locator(".quick-input-message", { hasText: 'has "ö" in it' }).waitFor({ timeout: quick });
}

/** @param {Page} page */
async function nameIt(page) {
  await input(page).fill(NAME);
  await page.locator(".quick-input-message", { hasText: "has" }).waitFor({ state: "detached", timeout: quick });
  await page.keyboard.press("Enter");
  const create = page.locator(".quick-input-widget .monaco-button", { hasText: "Create Here" });
  await create.waitFor({ timeout: quick });
  await create.click();
}

/** @param {string} folder */
async function seeFiles(folder) {
  for (const end = Date.now() + quick; !existsSync(folder); ) {
    if (Date.now() > end) throw new Error(`no ${folder}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const names = readdirSync(folder).sort().join(" ");
  const wanted = [".gitignore", "Makefile", "README.md", `${NAME}.bpf.c`, `${NAME}.c`, `${NAME}.h`, "hookpoint.json"];
  if (names !== wanted.join(" ")) throw new Error(`not what was wanted: ${names}`);
}

/** @param {Page} page */
async function openIt(page) {
  const here = page.locator(".notification-toast .monaco-button", { hasText: "Open in This Window" });
  await here.waitFor({ timeout: quick });
  await here.click();
  await page.locator(".explorer-viewlet .monaco-list-row", { hasText: "Makefile" }).waitFor({ timeout: slow });
  await page.locator(".tab", { hasText: `${NAME}.bpf.c` }).waitFor({ timeout: slow });
}

/**
 * @param {Page} page
 * @param {string} folder
 */
async function buildIt(page, folder) {
  const toast = page.locator(".notification-toast", { hasText: "The project is ready" });
  await toast.waitFor({ timeout: slow });
  await toast.locator(".monaco-button", { hasText: "Build" }).click();
  const object = path.join(folder, `${NAME}.bpf.o`);
  for (const end = Date.now() + slow; !existsSync(object); ) {
    if (Date.now() > end) throw new Error(`no ${object}`);
    await page.waitForTimeout(200);
  }
  if (!existsSync(path.join(folder, "vmlinux.h"))) throw new Error("no vmlinux.h");
  await page.locator(".notification-toast", { hasText: /Built exec-watch.*\.o/ }).waitFor({ timeout: quick });
}
