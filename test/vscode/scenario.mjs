// @ts-check
// A browser-driven scenario: named steps on one page, a screenshot after each, and nothing may leave this machine.
import { openBrowser } from "./browser.mjs";
import { firstLine, secondsSince } from "./process.mjs";

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} [failures] what failed, a line each
 */
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
  /** @type {string[]} */
  const failures = [];
  const browser = await openBrowser();
  let current = "";
  /** @type {Step} */
  const step = async (title, action) => {
    const start = Date.now();
    current = title;
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
    failures.push(`${name}, "${current}": ${firstLine(error)}`);
    console.error(`  ✘ ${current}:`, error);
    await browser.screenshot(`${name}-failed`).catch(() => {});
  } finally {
    await browser.close();
  }
  return { ...counts, failures };
}

/** @param {readonly Counts[]} parts @returns {Counts} */
export function sum(...parts) {
  const all = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of parts) {
    all.passed += passed;
    all.failed += failed;
    all.skipped += skipped;
  }
  return { ...all, failures: parts.flatMap(({ failures = [] }) => failures) };
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
