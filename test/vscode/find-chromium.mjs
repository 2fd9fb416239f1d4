// @ts-check
// Where the browser of the tests is. Apart from browser.mjs because it must load before `npm ci`.
import { findProgram } from "./process.mjs";

/** Any Chromium that is installed; HOOKPOINT_CHROMIUM names another one. */
export function findChromium() {
  const own = process.env["HOOKPOINT_CHROMIUM"];
  if (own) return own;
  return findProgram(
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
  );
}
