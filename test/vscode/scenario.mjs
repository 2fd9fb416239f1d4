// @ts-check
// A browser-driven scenario: named steps on one page, a screenshot after each, and nothing may leave this machine.
import { openBrowser } from "./browser.mjs";
import { secondsSince } from "./process.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {import("./browser.mjs").Browser} Browser */
/** @typedef {(title: string, action: () => Promise<unknown>) => Promise<void>} Step */

/**
 * Runs steps until one fails; what comes after it could not be trusted.
 * @param {string} name also the beginning of the names of the screenshots
 * @param {(browser: Browser, step: Step) => Promise<void>} body
 * @returns {Promise<Counts>}
 */
export async function scenario(name, body) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const browser = await openBrowser();
  /** @type {Step} */
  const step = async (title, action) => {
    const start = Date.now();
    await action();
    counts.passed++;
    console.log(`  ✔ ${title} (${secondsSince(start)})`);
    await browser.screenshot(`${name}-${counts.passed}-${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`);
  };
  console.log(`\n${name}`);
  try {
    await body(browser, step);
    await step("no request left this machine", async () => {
      if (browser.outside.length > 0) throw new Error(browser.outside.join(", "));
    });
  } catch (error) {
    counts.failed++;
    console.error(`  ✘ step ${counts.passed + 1}:`, error);
    await browser.screenshot(`${name}-failed`).catch(() => {});
  } finally {
    await browser.close();
  }
  return counts;
}

/**
 * Fails with what was there instead.
 * @param {string} text
 * @param {RegExp} pattern
 * @param {string} what
 */
export function expectMatch(text, pattern, what) {
  if (!pattern.test(text)) throw new Error(`expected ${what} (${pattern}) in:\n${text}`);
}
