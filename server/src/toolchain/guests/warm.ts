/** Where guests run: one folder each, found again by whoever wants the same kernel with the same agent, editor or command line. */

import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle } from "../agent/bundle.ts";
import { cacheFolder } from "../cache-folder.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import { isRunning, quit } from "./control.ts";

/** The folder of the guest for an image, whether it runs or not. */
export async function guestFolder(image: string, bundle: Bundle, acceleration: string): Promise<string> {
  const { mtimeMs, size } = await stat(image);
  const hash = createHash("sha256").update(JSON.stringify([image, mtimeMs, size, acceleration, bundle.command]));
  for (const { name, bytes } of bundle.files) hash.update(name).update(bytes);
  return join(await guestsFolder(), hash.digest("hex").slice(0, 16));
}

/** Only we may enter it: whoever can talk to a guest may do all there. */
async function guestsFolder(): Promise<string> {
  const folder = usualFolder();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(folder);
  if (uid !== process.getuid?.()) throw new ToolProblem(`${folder} belongs to somebody else: no guest is kept there.`);
  if ((mode & 0o077) !== 0) await chmod(folder, 0o700);
  return folder;
}

function usualFolder(): string {
  const runtime = process.env["XDG_RUNTIME_DIR"] ?? "";
  return runtime.startsWith("/") ? join(runtime, "hookpoint", "guests") : cacheFolder("guests");
}

/**
 * What sets this guest apart from those that had the folder before it: whoever ends one must not take the next for it. It
 * begins with the number of the process that makes the guest.
 */
const MARK = "mark";
/** There as long as it is being made. It bears the mark: whoever takes it away late takes no other's. */
const starterOf = (mark: string): string => `starter-${mark}`;
const AGAIN_MS = 100;
const FRESH_MS = 10_000;
const ENDING_MS = 3000;

/** A guest as it was met. */
export interface Warm {
  readonly mark: string;
  /** Whether it was us who started it. */
  readonly isOurs: boolean;
}

/** Makes sure that the guest of a folder runs; `start` is called by one of all that want it at the same time. */
export async function ensureRunning(
  folder: string,
  signal: AbortSignal,
  start: (mark: string) => Promise<void>,
): Promise<Warm> {
  let mark: string | undefined;
  for (;;) {
    if (signal.aborted) throw new Cancelled();
    const found = markOf(folder);
    // Asked first: what is not being started any more and does not run then has ended.
    const isStarting = isBeingStarted(folder, found);
    if (await isRunning(folder)) return { mark: found, isOurs: false };
    mark = await claim(folder);
    if (mark !== undefined) break;
    if (!isStarting) await discard(folder, found);
    else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  try {
    await start(mark);
    await rm(join(folder, starterOf(mark)), { force: true });
    return { mark, isOurs: true };
  } catch (error) {
    await endGuest(folder, mark);
    throw error;
  }
}

/** A guest that is being ended takes connections for a moment longer: resolves when it is gone, or seems to stay. */
export async function untilGone(folder: string, mark: string, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + ENDING_MS; Date.now() < deadline && !signal.aborted; ) {
    if (markOf(folder) !== mark || !(await isRunning(folder))) return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Ends a guest and takes away all that is left of it; where another has its folder by now, that one stays. */
export async function endGuest(folder: string, mark = markOf(folder)): Promise<void> {
  if (markOf(folder) !== mark) return;
  await quit(folder);
  // QEMU ends at once, and whoever waits for the folder may have it before we go on.
  await discard(folder, mark);
}

/** Without waiting for anything; QEMU takes its file with the number away when it ends. */
export function killGuest(folder: string, mark: string): void {
  if (markOf(folder) !== mark) return;
  try {
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGTERM");
  } catch {
    // It has ended by itself.
  }
  rmSync(folder, { recursive: true, force: true });
}

/** What guests have left that ended by themselves. */
export async function sweep(): Promise<void> {
  const top = usualFolder();
  const names = await readdir(top).catch(() => []);
  for (const name of names) {
    const folder = join(top, name);
    const mark = markOf(folder);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    // Somebody may be about to start one.
    if (Date.now() - mtimeMs < FRESH_MS) continue;
    if (!isBeingStarted(folder, mark) && !(await isRunning(folder))) await discard(folder, mark);
  }
}

/** The folders of guests that run. */
export async function runningGuests(): Promise<readonly string[]> {
  const top = usualFolder();
  const names = await readdir(top).catch(() => []);
  const folders = names.map((name) => join(top, name));
  const running = await Promise.all(folders.map(isRunning));
  return folders.filter((_, n) => running[n]);
}

/** One of several gets it: a folder takes the place of none, or of an empty one. */
async function claim(folder: string): Promise<string | undefined> {
  const mark = `${process.pid}-${randomBytes(8).toString("hex")}`;
  const mine = `${folder}.${mark}`;
  await mkdir(mine, { mode: 0o700 });
  try {
    await writeFile(join(mine, starterOf(mark)), "");
    await writeFile(join(mine, MARK), mark);
    await rename(mine, folder);
    return mark;
  } catch (error) {
    await rm(mine, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return undefined;
    throw error;
  }
}

/** Nothing where there is no guest, and with one of a version of ours that left no mark. */
function markOf(folder: string): string {
  try {
    return readFileSync(join(folder, MARK), "utf8");
  } catch {
    return "";
  }
}

function isBeingStarted(folder: string, mark: string): boolean {
  const pid = Number.parseInt(mark, 10);
  if (!(pid > 0) || !existsSync(join(folder, starterOf(mark)))) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** First out of the way, so that nobody meets it half gone. */
async function discard(folder: string, mark: string): Promise<void> {
  const old = `${folder}.old-${randomBytes(4).toString("hex")}`;
  try {
    if (markOf(folder) !== mark) return;
    // At once, without a turn of the loop: nobody is to claim the folder in between.
    renameSync(folder, old);
  } catch {
    return;
  }
  await rm(old, { recursive: true, force: true });
}
