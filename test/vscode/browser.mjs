// @ts-check
// The headless Chromium that shows the workbench, walled in: a request that would leave this machine is an error.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";
import { findChromium } from "./find-chromium.mjs";
import { root } from "./process.mjs";

/** @typedef {import("playwright-core").Page} Page */

/**
 * @typedef {object} Browser
 * @property {Page} page
 * @property {readonly string[]} outside addresses beyond this machine that were asked for; should stay empty
 * @property {(name: string) => Promise<void>} screenshot writes test/shots/<name>.png
 * @property {() => Promise<void>} close
 */

/**
 * @param {object} [options]
 * @param {{ width: number, height: number }} [options.viewport]
 * @returns {Promise<Browser>}
 */
export async function openBrowser({ viewport = { width: 1400, height: 900 } } = {}) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error("No Chromium or Chrome found: install one or set HOOKPOINT_CHROMIUM.");
  const browser = await chromium.launch({ executablePath, headless: true, args: chromiumArgs });
  const context = await browser.newContext({ viewport });
  /** @type {string[]} */
  const outside = [];
  await context.route(isOutside, (route) => {
    outside.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.on("websocket", (socket) => {
    if (isOutside(new URL(socket.url()))) outside.push(socket.url());
  });
  const shots = path.join(root, "test", "shots");
  mkdirSync(shots, { recursive: true });
  return {
    page,
    outside,
    screenshot: async (name) => {
      await page.screenshot({ path: path.join(shots, `${name}.png`) });
    },
    close: () => browser.close(),
  };
}

const chromiumArgs = [
  "--no-sandbox", // it needs user namespaces that containers and root lack; the only pages are our own
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // what escapes the route above, such as a service worker, finds no address
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/** @param {URL} url */
function isOutside(url) {
  return /^(http|ws)s?:$/.test(url.protocol) && url.hostname !== "127.0.0.1" && url.hostname !== "localhost";
}
