// @ts-check
/** Orders kernel releases, which are strings everywhere because 6.10 is not 6.1. */

/** @param {string} a `6.10` or `v6.10.0` @param {string} b */
export function compareVersions(a, b) {
  const [left, right] = [parts(a), parts(b)];
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
}

/** @param {string} version @returns {[number, number, number]} */
function parts(version) {
  const [major = 0, minor = 0, patch = 0] = version
    .replace(/^v|-rc\d+$/g, "")
    .split(".")
    .map(Number);
  return [major, minor, patch];
}
