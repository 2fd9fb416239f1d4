// @ts-check
/** The pinned upstream revisions: fetches them into a cache outside the checkout and reads files from there. */

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { compareVersions } from "./versions.mjs";

/**
 * @typedef {object} Pin One entry of `data/upstream.json`.
 * @property {string} url
 * @property {string} revision
 * @property {string} licence
 * @property {string} takes
 * @property {boolean} [fetch] `false` for a source that is only cited by hand
 * @property {{ first: string, last: string }} [tags]
 */

/**
 * @typedef {object} Upstreams What an extractor may ask.
 * @property {(upstream: string, path: string, ref?: string) => string | undefined} read a file at the pinned revision
 *   or at a release tag; `undefined` where it does not exist
 * @property {(upstream: string) => readonly string[]} refs release tags in order, oldest first
 */

/** @param {string} dataDir @returns {Record<string, Pin>} */
export function readPins(dataDir) {
  const { $schema: _, ...pins } = JSON.parse(readFileSync(join(dataDir, "upstream.json"), "utf8"));
  return pins;
}

/**
 * Brings every pinned revision and release tag into the cache. What is there already is not fetched again.
 *
 * @param {Record<string, Pin>} pins
 * @param {string} [cache]
 * @returns {Upstreams}
 */
export function fetchUpstreams(pins, cache = cacheFolder()) {
  /** @type {Map<string, { pin: Pin, gitDir: string, tags: readonly string[] }>} */
  const fetched = new Map();
  for (const [name, pin] of Object.entries(pins)) {
    if (pin.fetch === false) continue;
    const gitDir = join(cache, name);
    fetchRevision(name, pin, gitDir);
    fetched.set(name, { pin, gitDir, tags: fetchTags(name, pin, gitDir) });
  }
  const find = (/** @type {string} */ name) => {
    const upstream = fetched.get(name);
    if (!upstream) throw new Error(`data/upstream.json has no fetched source "${name}"`);
    return upstream;
  };
  return {
    read: (name, path, ref) => show(find(name).gitDir, ref ?? find(name).pin.revision, path),
    refs: (name) => find(name).tags,
  };
}

/** @param {Upstreams} upstreams @param {string} upstream @param {string} path */
export function mustRead({ read }, upstream, path) {
  const text = read(upstream, path);
  if (text === undefined) throw new Error(`${upstream} has no file ${path} at its pinned revision`);
  return text;
}

function cacheFolder() {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const platform =
    process.platform === "darwin"
      ? join(homedir(), "Library", "Caches")
      : process.platform === "win32" && LOCALAPPDATA
        ? LOCALAPPDATA
        : join(homedir(), ".cache");
  return join(XDG_CACHE_HOME || platform, "hookpoint", "upstream");
}

/** @param {string} name @param {Pin} pin @param {string} gitDir */
function fetchRevision(name, { url, revision }, gitDir) {
  mkdirSync(gitDir, { recursive: true });
  // Naming the format keeps a cache usable where init.defaultObjectFormat says otherwise.
  mustGit(gitDir, ["init", "--quiet", "--bare", "--object-format=sha1"], `cannot make the cache ${gitDir}`);
  mustGit(gitDir, ["config", "remote.origin.url", url], `cannot write to the cache ${gitDir}`);
  if (git(gitDir, ["cat-file", "-e", `${revision}^{commit}`]).ok) return;
  console.log(`fetching ${name} ${revision.slice(0, 12)}`);
  // We read two or three files of it; git fetches these when they are first asked for, and no others.
  const args = ["fetch", "--quiet", "--no-tags", "--depth", "1", "--filter=blob:none", "origin", revision];
  mustGit(gitDir, args, fetchFailed(name, revision, url));
}

/** @param {string} name @param {Pin} pin @param {string} gitDir @returns {readonly string[]} */
function fetchTags(name, { url, tags }, gitDir) {
  if (!tags) return [];
  let have = releaseTags(git(gitDir, ["tag", "--list"]).out, tags);
  // The range is pinned, so a cache with both of its ends was filled from it in one fetch.
  if (have.includes(tags.first) && have.includes(tags.last)) return have;
  const doing = fetchFailed(name, `tags ${tags.first} to ${tags.last}`, url);
  const wanted = releaseTags(mustGit(gitDir, ["ls-remote", "--refs", "--tags", url], doing), tags);
  if (!wanted.includes(tags.first) || !wanted.includes(tags.last)) throw new Error(`${doing}: no such tags there`);
  console.log(`fetching ${name} ${wanted.length} release tags`);
  const refs = wanted.map((tag) => `+refs/tags/${tag}:refs/tags/${tag}`);
  mustGit(gitDir, ["fetch", "--quiet", "--no-tags", "--depth", "1", url, ...refs], doing);
  have = releaseTags(git(gitDir, ["tag", "--list"]).out, tags);
  return have;
}

/** Tags `vX.Y.0`, or `vX.Y` as some projects write it, of the range, oldest first. @param {string} listing @param {{ first: string, last: string }} range */
function releaseTags(listing, { first, last }) {
  return [...listing.matchAll(/(?:^|\/)(v\d+\.\d+(?:\.0)?)$/gm)]
    .map(([, tag]) => tag ?? "")
    .filter((tag) => compareVersions(tag, first) >= 0 && compareVersions(tag, last) <= 0)
    .sort(compareVersions);
}

/** @param {string} gitDir @param {string} ref @param {string} path */
function show(gitDir, ref, path) {
  // ls-tree tells a missing file from a failure; git show fails alike for both.
  const listed = mustGit(gitDir, ["ls-tree", "--name-only", ref, "--", path], `cannot list ${ref} in ${gitDir}`);
  return listed ? mustGit(gitDir, ["show", `${ref}:${path}`], `cannot read ${path} at ${ref}`) : undefined;
}

/** @param {string} name @param {string} what @param {string} url */
function fetchFailed(name, what, url) {
  return `cannot fetch ${name} (${what}) from ${url}`;
}

/** @param {string} gitDir @param {readonly string[]} args @param {string} failure @returns {string} */
function mustGit(gitDir, args, failure) {
  const { ok, out, error } = git(gitDir, args);
  if (ok) return out;
  const hint = failure.startsWith("cannot fetch")
    ? "\nIs the network up, and does the revision in data/upstream.json exist there?" +
      "\nFor a mirror, set git's url.<mirror>.insteadOf to the address above."
    : "\nIf the cache is damaged, delete it and run the update again.";
  throw new Error(`${failure}\n${error.trim()}${hint}`);
}

/** @param {string} gitDir @param {readonly string[]} args */
function git(gitDir, args) {
  const { status, stdout, stderr, error } = spawnSync("git", ["--git-dir", gitDir, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // A private or misspelt address must fail, not ask for a password.
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
  });
  if (error) throw new Error(`cannot run git: ${error.message}. Install git and put it on the PATH.`);
  return { ok: status === 0, out: stdout, error: stderr };
}
