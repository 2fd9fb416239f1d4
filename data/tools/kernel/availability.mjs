// @ts-check
/** From what single releases have to intervals: since when, until when, and what was not looked at. */

import { compareVersions } from "../versions.mjs";

/** @typedef {import("../../../server/src/analysis/knowledge/types.ts").Interval} Interval */
/** @typedef {{ release: string, late: boolean }} ReadRelease `late`: read from a point release that has gathered backports */

/**
 * @template State
 * @param {readonly ReadRelease[]} read oldest first
 * @param {(index: number) => State | undefined} stateAt what the release has; undefined where it has nothing
 * @param {readonly (string | undefined)[]} notBefore releases of what is needed for it
 * @returns {{ state: State, interval: Interval }[]}
 */
export function intervals(read, stateAt, notBefore) {
  const releases = read.map(({ release }) => release);
  /** @type {{ state: State, interval: Interval }[]} */
  const found = [];
  let open = -1;
  const states = read.map((_, index) => stateAt(index));
  // What a late point release has and its successor has not is a backport, no fact about the release.
  for (const [index, { late }] of read.entries())
    if (late && index > 0 && states[index] !== states[index + 1] && states[index - 1] === states[index + 1])
      states[index] = states[index - 1];
  for (let index = 0; index <= releases.length; index++) {
    const before = open < 0 ? undefined : states[open];
    const now = states[index];
    if (index < releases.length && before !== undefined && before === now) continue;
    if (before !== undefined) found.push({ state: before, interval: interval(releases, open, index, notBefore) });
    open = now === undefined ? -1 : index;
  }
  return found;
}

/** @param {readonly string[]} releases @param {number} from @param {number} to @param {readonly (string | undefined)[]} notBefore @returns {Interval} */
function interval(releases, from, to, notBefore) {
  const since = releases[from] ?? "";
  const lower = latest([from === 0 ? "3.15" : next(releases[from - 1] ?? ""), ...notBefore]);
  const until = releases[to];
  return {
    since,
    ...(compareVersions(lower, since) < 0 && { maybe: lower }),
    ...(until !== undefined && { until }),
  };
}

/** @param {readonly (string | undefined)[]} versions */
export function latest(versions) {
  return versions.reduce((/** @type {string} */ a, b) => (b !== undefined && compareVersions(b, a) > 0 ? b : a), "0.0");
}

/** The release after one. @param {string} release */
export function next(release) {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return LAST_MINOR[major] === minor ? `${major + 1}.0` : `${major}.${minor + 1}`;
}

/** @type {Readonly<Record<number, number>>} */
const LAST_MINOR = { 3: 19, 4: 20, 5: 19, 6: 19 };
