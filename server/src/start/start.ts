/**
 * Runs a bundle with the code that V8 made of it the last time. To compile half a megabyte is most of what a short run costs:
 * the start of a server, the check of one file. The cache is only a shortcut. Where it is missing, damaged, somebody else's
 * or made by another engine, the bundle is compiled as ever.
 */

import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { getHeapCodeStatistics, getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import * as zlib from "node:zlib";
import { cacheFolder } from "../toolchain/cache-folder.ts";

/** A hash of the bundles: V8 itself tells two sources apart by their lengths alone. */
declare const HOOKPOINT_BUILD: string;
/** Modules of Node that each bundle asks for as it loads. */
declare const HOOKPOINT_ASKED: Readonly<Record<string, readonly string[]>>;

/** By then most of what a session needs has been compiled. */
const SERVER_KEEPS_AFTER_MS = 10_000;
const FORGOTTEN_AFTER_MS = 30 * 24 * 60 * 60 * 1000;
/** How much more than what was kept must have been compiled for it to be kept anew. */
const WORTH_KEEPING = 1.03;
/** A checksum, and how much code there was. */
const TRAILER_LENGTH = 8;

/** Newer than the oldest Node that we run on. */
const crc32 = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;
/** While we work on the bundles they have no name by which anything could be kept. */
const canKeep = crc32 !== undefined && HOOKPOINT_BUILD !== "";

export function start(name: "cli" | "node", module: NodeModule): void {
  loadNode(name, module);
  optimiseLater();
  growOnce(name);
  const file = join(__dirname, `${name}-main.js`);
  // The bundle is ASCII.
  const source = `(function (exports, require, module, __filename, __dirname) { ${readFileSync(file, "latin1")}\n})`;
  const cache = join(cacheFolder("code"), `${name}-${HOOKPOINT_BUILD}-${process.versions.v8}-${process.arch}.cache`);
  const kept = canKeep ? readCache(cache) : undefined;
  const script = new Script(source, { filename: file, ...(kept && { cachedData: kept.data }) });
  script.runInThisContext()(module.exports, module.require.bind(module), module, module.filename, __dirname);
  if (!canKeep) return;
  let known = kept !== undefined && script.cachedDataRejected !== true ? kept.codeSize : 0;
  // Another file, or another command, may need what the first did not.
  const keep = (): void => {
    const codeSize = getHeapCodeStatistics().bytecode_and_metadata_size;
    if (codeSize <= known * WORTH_KEEPING || !isMainThread()) return;
    known = codeSize;
    // Code is kept for the flags that there will be when it is read.
    if (isGrown) setFlagsFromString(GROWS[name]);
    const data = script.createCachedData();
    if (isGrown) setFlagsFromString(STAYS);
    writeCache(cache, { data, codeSize });
  };
  process.on("exit", keep);
  if (name === "node") setTimeout(keep, SERVER_KEEPS_AFTER_MS).unref();
}

/** The module takes a while to load, and is seldom needed. */
function isMainThread(): boolean {
  return (require("node:worker_threads") as typeof import("node:worker_threads")).isMainThread;
}

/**
 * Node has kept the code of its own modules as we do, for the flags that it was started with: what is loaded after they were
 * changed is compiled, which takes four times as long.
 */
function loadNode(name: "cli" | "node", module: NodeModule): void {
  for (const asked of HOOKPOINT_ASKED[name] ?? []) module.require(asked);
  if (name === "cli") void process.stdout;
  else if (process.argv.includes("--stdio")) void [process.stdin, process.stdout];
}

/**
 * V8 begins to optimise, wasm and JavaScript, while the first file is read, on the core that reads it. On texts as short as
 * source files that costs more than it ever gives back; it may begin later. Code is kept for one set of such flags.
 */
export function optimiseLater(): void {
  setFlagsFromString("--wasm-tiering-budget=2147483647");
  // Most regular expressions are asked a few times in a run: compiled at the second they would be most of what is compiled.
  setFlagsFromString("--regexp-tier-up-ticks=50");
  // Newer engines have a quicker compiler in between, and no such flag.
  if (Number.parseInt(process.versions.v8, 10) >= 12) return;
  setFlagsFromString("--interrupt-budget=400000");
  // A third of the time of `check` went into optimising functions with all that they call: more than it ever gave back.
  setFlagsFromString("--no-turbo-inlining");
}

/** Both halves of what is collected quickly. */
const NURSERY = 8 * 1024 * 1024;
const NURSERY_LOOKED_AT_MS = 100;
const NURSERY_LOOKS = 100;
const GROWS = { cli: "--semi-space-growth-factor=16", node: "--semi-space-growth-factor=4" };
const STAYS = "--semi-space-growth-factor=1";

/**
 * A start leaves much behind that stays, and V8 has a single MB for what is new: that would be collected half a dozen times.
 * A run on the command line takes all it may have at once. In a server the garbage is that of an edit; the 16 MB that V8 lets
 * gather, three times over, are a tenth of all that it takes, and to collect after 4 costs nothing that can be measured. A flag
 * on Node's command line that says so would make the start longer, as Node's own modules are kept without it.
 */
function growOnce(name: "cli" | "node"): void {
  setFlagsFromString(GROWS[name]);
  if (name === "cli") return;
  let looks = 0;
  const timer = setInterval(() => {
    looks++;
    const size = getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0;
    if (size < NURSERY && looks < NURSERY_LOOKS) return;
    clearInterval(timer);
    isGrown = true;
    setFlagsFromString(STAYS);
  }, NURSERY_LOOKED_AT_MS);
  timer.unref();
}
let isGrown = false;

interface Kept {
  readonly data: Buffer;
  readonly codeSize: number;
}

/** It is run as code, so it must be the user's own and as it was written. */
function readCache(path: string): Kept | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const { uid, mode } = fstatSync(file);
      const isOwn = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
      const bytes = isOwn ? readFileSync(file) : undefined;
      if (bytes === undefined || bytes.length <= TRAILER_LENGTH) return undefined;
      const data = bytes.subarray(0, -TRAILER_LENGTH);
      const isWhole = crc32?.(data) === bytes.readUInt32LE(data.length);
      if (!isWhole) return undefined;
      return { data, codeSize: bytes.readUInt32LE(data.length + 4) };
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** A home that cannot be written to, or is full, is no reason to complain. */
function writeCache(path: string, { data, codeSize }: Kept): void {
  const folder = dirname(path);
  const half = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const trailer = Buffer.alloc(TRAILER_LENGTH);
    trailer.writeUInt32LE(crc32?.(data) ?? 0);
    trailer.writeUInt32LE(codeSize, 4);
    writeFileSync(half, Buffer.concat([data, trailer]), { mode: 0o600 });
    renameSync(half, path);
    for (const name of readdirSync(folder)) {
      const other = join(folder, name);
      if (Date.now() - statSync(other).mtimeMs > FORGOTTEN_AFTER_MS) rmSync(other);
    }
  } catch {
    removeQuietly(half);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Nothing could be made there, so nothing is left.
  }
}
