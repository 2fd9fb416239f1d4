// @ts-check
/** Finds the kernel release in which a name of the uapi header appeared, from the header iproute2 ships per release. */

/** @typedef {import("./upstream.mjs").Upstreams} Upstreams */
/** @typedef {{ version: string, source: string, oldest: boolean }} Release `oldest`: it may be older than the record */

/** iproute2 moved the header with 4.14. */
const PATHS = ["include/uapi/linux/bpf.h", "include/linux/bpf.h"];

/**
 * @param {Upstreams} upstreams
 * @param {(header: string) => Iterable<string>} namesIn
 * @returns {Map<string, Release>}
 */
export function firstReleases(upstreams, namesIn) {
  /** @type {Map<string, Release>} */
  const first = new Map();
  const tags = upstreams.refs("iproute2");
  for (const tag of tags) {
    const { path, text } = headerAt(upstreams, tag);
    const release = { version: releaseOf(tag), source: `iproute2:${path}@${tag}`, oldest: tag === tags[0] };
    for (const name of namesIn(text)) if (!first.has(name)) first.set(name, release);
  }
  return first;
}

/** @param {Upstreams} upstreams @param {string} tag */
function headerAt({ read }, tag) {
  for (const path of PATHS) {
    const text = read("iproute2", path, tag);
    if (text !== undefined) return { path, text };
  }
  throw new Error(`iproute2 has no bpf.h at ${tag}; looked for ${PATHS.join(" and ")}`);
}

/** iproute2 numbers its releases after the kernel they were made for: v6.10.0 is 6.10. @param {string} tag */
function releaseOf(tag) {
  return tag.replace(/^v/, "").replace(/\.0$/, "");
}
