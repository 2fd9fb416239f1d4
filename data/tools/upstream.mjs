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
 * @property {Readonly<Record<string, string>>} [trees] whole trees to read: tag and digest of what we read there
 */

/**
 * @typedef {object} Upstreams What an extractor may ask.
 * @property {(upstream: string, path: string, ref?: string) => string | undefined} read a file at the pinned revision
 *   or at a release tag; `undefined` where it does not exist
 * @property {(upstream: string, folders: readonly string[], ref: string) => Iterable<SourceFile>} readAll every C file
 *   of these folders
 * @property {(upstream: string) => readonly string[]} refs release tags in order, oldest first
 * @property {(upstream: string, tag: string) => string | undefined} digest what was pinned for a tree
 */

/** @typedef {{ path: string, text: string }} SourceFile */

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
    const trees = Object.keys(pin.trees ?? {}).sort(compareVersions);
    if (trees.length === 0) fetchRevision(name, pin, gitDir);
    else prepare(gitDir, pin.url);
    for (const tag of trees) fetchTree(name, pin, gitDir, tag);
    fetched.set(name, { pin, gitDir, tags: trees.length > 0 ? trees : fetchTags(name, pin, gitDir) });
  }
  const find = (/** @type {string} */ name) => {
    const upstream = fetched.get(name);
    if (!upstream) throw new Error(`data/upstream.json has no fetched source "${name}"`);
    return upstream;
  };
  return {
    read: (name, path, ref) => show(find(name).gitDir, ref ?? find(name).pin.revision, path),
    readAll: (name, folders, ref) => readFiles(find(name).gitDir, folders, ref),
    refs: (name) => find(name).tags,
    digest: (name, tag) => find(name).pin.trees?.[tag],
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
  prepare(gitDir, url);
  if (git(gitDir, ["cat-file", "-e", `${revision}^{commit}`]).ok) return;
  console.log(`fetching ${name} ${revision.slice(0, 12)}`);
  // We read two or three files of it; git fetches these when they are first asked for, and no others.
  const args = ["fetch", "--quiet", "--no-tags", "--depth", "1", "--filter=blob:none", "origin", revision];
  mustGit(gitDir, args, fetchFailed(name, revision, url));
}

/** @param {string} gitDir @param {string} url */
function prepare(gitDir, url) {
  mkdirSync(gitDir, { recursive: true });
  // Naming the format keeps a cache usable where init.defaultObjectFormat says otherwise.
  mustGit(gitDir, ["init", "--quiet", "--bare", "--object-format=sha1"], `cannot make the cache ${gitDir}`);
  mustGit(gitDir, ["config", "remote.origin.url", url], `cannot write to the cache ${gitDir}`);
}

/** A whole tree without its history and without the files we never look at. @param {string} name @param {Pin} pin @param {string} gitDir @param {string} tag */
function fetchTree(name, { url }, gitDir, tag) {
  if (git(gitDir, ["rev-parse", "--verify", "--quiet", `refs/tags/${tag}`]).ok) return;
  console.log(`fetching ${name} ${tag}`);
  const args = ["fetch", "--quiet", "--no-tags", "--depth", "1", "--filter=blob:none", "origin"];
  mustGit(gitDir, [...args, `+refs/tags/${tag}:refs/tags/${tag}`], fetchFailed(name, tag, url));
}

/** @param {string} gitDir @param {readonly string[]} folders @param {string} ref @returns {Iterable<SourceFile>} */
function* readFiles(gitDir, folders, ref) {
  const listing = mustGit(gitDir, ["ls-tree", "-r", ref, "--", ...folders], `cannot list ${ref} in ${gitDir}`);
  const files = [...listing.matchAll(/^\d+ blob (\w+)\t(.+\.[ch])$/gm)].map(([, id = "", path = ""]) => ({ id, path }));
  const ids = files.map(({ id }) => `${id}\n`).join("");
  // One request for all that is missing; asked for one by one, each file would be a request of its own.
  const walk = ["rev-list", "--objects", "--missing=print", "--no-object-names", "--max-count=1", ref];
  const missing = new Set(mustGit(gitDir, walk, `cannot walk ${ref}`).match(/(?<=^\?)\w+$/gm));
  const wanted = files.filter(({ id }) => missing.has(id));
  if (wanted.length > 0) {
    // As git itself does where it fetches a missing file: no talk about what else is here.
    const args = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "origin", "--no-tags"];
    args.push("--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin");
    mustGit(gitDir, args, `cannot fetch the files of ${ref}`, wanted.map(({ id }) => `${id}\n`).join(""));
  }
  const texts = spawnSync("git", ["--git-dir", gitDir, "cat-file", "--batch", "--buffer"], {
    input: ids,
    maxBuffer: 1024 * 1024 * 1024,
  }).stdout;
  let at = 0;
  for (const { path } of files) {
    const end = texts.indexOf(10, at);
    const size = Number(texts.toString("latin1", at, end).split(" ")[2]);
    yield { path, text: texts.toString("utf8", end + 1, end + 1 + size) };
    at = end + 1 + size + 1;
  }
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

/**
 * @param {string} gitDir
 * @param {readonly string[]} args
 * @param {string} failure
 * @param {string} [input]
 * @returns {string}
 */
function mustGit(gitDir, args, failure, input) {
  const { ok, out, error } = git(gitDir, args, input);
  if (ok) return out;
  const hint = failure.startsWith("cannot fetch")
    ? "\nIs the network up, and does the revision in data/upstream.json exist there?" +
      "\nFor a mirror, set git's url.<mirror>.insteadOf to the address above."
    : "\nIf the cache is damaged, delete it and run the update again.";
  throw new Error(`${failure}\n${error.trim()}${hint}`);
}

/** @param {string} gitDir @param {readonly string[]} args @param {string} [input] */
function git(gitDir, args, input = "") {
  const { status, stdout, stderr, error } = spawnSync("git", ["--git-dir", gitDir, ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    // A private or misspelt address must fail, not ask for a password.
    env: { ...process.env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
    input,
  });
  if (error) throw new Error(`cannot run git: ${error.message}. Install git and put it on the PATH.`);
  return { ok: status === 0, out: stdout, error: stderr };
}
