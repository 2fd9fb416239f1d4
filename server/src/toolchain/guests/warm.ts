/** Where guests run: one folder each, found again by whoever wants the same kernel with the same agent, editor or command line. */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
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

/** Who makes a guest, as a number: it may end before it is done. */
const STARTER = "starter";
const AGAIN_MS = 100;
const FRESH_MS = 10_000;

/**
 * Makes sure that the guest of a folder runs; `start` is called by one of all that want it at the same time.
 * @returns whether it was us who started it
 */
export async function ensureRunning(folder: string, signal: AbortSignal, start: () => Promise<void>): Promise<boolean> {
  for (;;) {
    if (signal.aborted) throw new Cancelled();
    if (await isRunning(folder)) return false;
    if (await claim(folder)) break;
    if (!(await isBeingStarted(folder))) await discard(folder);
    else await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  try {
    await start();
    await rm(join(folder, STARTER), { force: true });
    return true;
  } catch (error) {
    await endGuest(folder);
    throw error;
  }
}

/** Ends a guest and takes away all that is left of it. */
export async function endGuest(folder: string): Promise<void> {
  await quit(folder);
  await discard(folder);
}

/** Without waiting for anything; QEMU takes its file with the number away when it ends. */
export function killGuest(folder: string): void {
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
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    // Somebody may be about to start one.
    if (Date.now() - mtimeMs < FRESH_MS) continue;
    if (!(await isRunning(folder)) && !(await isBeingStarted(folder))) await discard(folder);
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
async function claim(folder: string): Promise<boolean> {
  const mine = `${folder}.${process.pid}-${randomBytes(4).toString("hex")}`;
  await mkdir(mine, { mode: 0o700 });
  try {
    await writeFile(join(mine, STARTER), String(process.pid));
    await rename(mine, folder);
    return true;
  } catch (error) {
    await rm(mine, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

async function isBeingStarted(folder: string): Promise<boolean> {
  const pid = Number(await readFile(join(folder, STARTER), "utf8").catch(() => ""));
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** First out of the way, so that nobody meets it half gone. */
async function discard(folder: string): Promise<void> {
  const old = `${folder}.old-${randomBytes(4).toString("hex")}`;
  try {
    await rename(folder, old);
  } catch {
    return;
  }
  await rm(old, { recursive: true, force: true });
}
