// @ts-check
// How to do things in the window of VS Code as a user does, and where to see what comes of it.
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./process.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

/** Workbench and extension start, on a machine that does other things too. */
export const slow = 180_000;
/** What a user would call instant, with room for a machine that does other things too: nobody waits for what is there. */
export const quick = 60_000;

/**
 * @param {Page} page
 * @param {string} address
 * @param {string} name
 */
export async function openFile(page, address, name) {
  await page.goto(address);
  const file = page.locator(".explorer-viewlet .monaco-list-row", { hasText: name });
  await file.waitFor({ timeout: slow });
  await file.dblclick();
  await page.locator(".monaco-editor .view-lines").first().waitFor({ timeout: slow });
}

/**
 * Does something again until it shows. VS Code drops what it is asked in the moment something moves, and the palette does not
 * notice what changes while it is open.
 * @param {Page} page
 * @param {() => Promise<unknown>} ask
 * @param {Locator} shown
 */
export async function until(page, ask, shown) {
  for (const end = Date.now() + slow; ; ) {
    await ask();
    const failure = await shown.waitFor({ timeout: 15_000 }).catch((error) => error);
    if (failure === undefined) return;
    if (Date.now() > end) throw failure;
    await page.keyboard.press("Escape");
  }
}

/** Until the commands are offered that work on it: the palette does not notice what changes while it is open. @param {Page} page @param {string} address @param {string} name */
export async function openSource(page, address, name) {
  await openFile(page, address, name);
  await page.locator(".monaco-editor .codelens-decoration a").first().waitFor({ timeout: slow });
}

/**
 * @param {Page} page
 * @param {string} title
 */
export async function runCommand(page, title) {
  // the first row may be a command with a longer title
  const label = page.locator(".label-name", { hasText: new RegExp(`^${title}$`) });
  const row = page.locator(".quick-input-widget .monaco-list-row").filter({ has: label }).first();
  await until(page, () => fillPalette(page, `>${title}`), row);
  await row.click({ timeout: quick });
  await paletteGone(page);
}

/**
 * @param {Page} page
 * @param {number | string} line counted from 1; with a column, `12:5`
 */
export async function goToLine(page, line) {
  await fillPalette(page, `:${line}`);
  await page.keyboard.press("Enter");
  await paletteGone(page);
}

/**
 * The line, counted from 1, of a text in the example program: only what is on the screen exists in the page.
 * @param {string} text
 */
export function exampleLine(text) {
  const lines = readFileSync(path.join(root, "test", "example", "execwatch.bpf.c"), "utf8").split("\n");
  return lines.findIndex((line) => line.includes(text)) + 1;
}

/**
 * A word of the program where the editor draws it: each token is an element of its own.
 * @param {Page} page
 * @param {string} pattern
 * @returns {Locator}
 */
export function word(page, pattern) {
  return page.locator(".monaco-editor .view-line span span", { hasText: new RegExp(`^${pattern}$`) }).last();
}

/**
 * Points at a word and waits for the hover that speaks of it.
 * @param {Page} page
 * @param {string} name
 * @returns {Promise<Locator>}
 */
export async function hoverOf(page, name) {
  await word(page, name).hover();
  const hover = page.locator(".monaco-hover:visible", { hasText: name }).first();
  await hover.waitFor({ timeout: quick });
  return hover;
}

/**
 * @param {Page} page
 * @returns {Locator}
 */
export function squiggle(page) {
  return page.locator(".monaco-editor [class*=squiggly]").first();
}

/**
 * The finding of the example in the Problems view.
 * @param {Page} page
 * @returns {Locator}
 */
export function finding(page) {
  return page.locator(".markers-panel .monaco-list-row", { hasText: "deprecated-helper" }).first();
}

/**
 * @param {Page} page
 * @param {string} text
 */
async function fillPalette(page, text) {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget:visible input.input").first();
  await input.waitFor({ timeout: quick });
  await input.fill(text);
}

/** @param {Page} page */
async function paletteGone(page) {
  await page.locator(".quick-input-widget").first().waitFor({ state: "hidden", timeout: quick });
}

/** A command that asks something: the palette does not go. @param {Page} page @param {string} title */
export async function startCommand(page, title) {
  const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: title }).first();
  await until(page, () => fillPalette(page, `>${title}`), row);
  await row.click({ timeout: quick });
}

/** A button of a notification. @param {Page} page @param {string} title */
export async function press(page, title) {
  const button = page.locator(".notification-toast .monaco-button", { hasText: new RegExp(`^${title}$`) });
  await button.first().click({ timeout: slow });
}

/** @param {Page} page @param {RegExp} text */
export async function says(page, text) {
  await page.locator(".notification-toast", { hasText: text }).first().waitFor({ timeout: slow });
}

/** From the explorer. @param {Page} page @param {string} name */
export async function openNamed(page, name) {
  await page.locator(".explorer-viewlet .monaco-list-row").getByText(name, { exact: true }).dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor({ timeout: quick });
}

/**
 * @param {Page} page
 * @param {string} address
 */
export async function openWindow(page, address) {
  await page.goto(address);
  await page.locator(".explorer-viewlet").waitFor({ timeout: slow });
}

/** @param {Page} page */
export function input(page) {
  return page.locator(".quick-input-widget:visible input.input").first();
}

/**
 * @param {Page} page
 * @param {string} label
 */
export async function pick(page, label) {
  const row = page.locator(".quick-input-widget .monaco-list-row", { hasText: label }).first();
  await row.waitFor({ timeout: slow });
  await row.click();
}

/**
 * The row of the menu of fixes at the cursor, which is open then. The editor offers what it knew before until the findings for
 * the last change are there, and drops a menu that is asked for while something moves: it is asked for again until the row is there.
 * @param {Page} page
 * @param {RegExp} title
 * @param {() => Promise<unknown>} [goThere] puts the cursor there
 */
export async function fixRow(page, title, goThere) {
  const row = page.locator(".action-widget:visible .monaco-list-row", { hasText: title }).first();
  for (const end = Date.now() + quick; ; ) {
    await goThere?.();
    await runCommand(page, "Quick Fix...");
    const isThere = await row.waitFor({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
    if (isThere) return row;
    if (Date.now() > end) throw new Error(`the menu of fixes has no ${title}`);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
  }
}

/**
 * Chooses a fix at the cursor.
 * @param {Page} page
 * @param {RegExp} title
 * @param {() => Promise<unknown>} [goThere] puts the cursor there
 */
export async function chooseFix(page, title, goThere) {
  const row = await fixRow(page, title, goThere);
  await page.waitForTimeout(300); // the menu ignores what happens in its first moments
  await row.click({ timeout: quick });
}

/** The page that code-server serves trusts every folder that it opens; the desktop does not. @param {import("playwright-core").Route} route */
export async function askForTrust(route) {
  const response = await route.fetch();
  const text = await response.text();
  const asking = text.replace("this.config=t;this.trusted=!0}", "this.config=t;this.trusted=!1}");
  if (asking === text) throw new Error("the page no longer says that it trusts what it opens");
  await route.fulfill({ response, body: asking });
}
