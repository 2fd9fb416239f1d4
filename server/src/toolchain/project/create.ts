/** Writes a project into a folder: everything or nothing. */

import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Work } from "../choices.ts";
import { Cancelled, ToolProblem } from "../problem.ts";
import type { ProjectFile } from "./shared.ts";

export interface Create {
  readonly folder: string;
  readonly files: readonly ProjectFile[];
  /** The folder may have something in it, and what has the name of a file of ours gives way. */
  readonly force: boolean;
}

/** Throws where the folder is in use and `force` does not say that this is all right. */
export async function createProject(create: Create, { signal }: Pick<Work, "signal">): Promise<void> {
  const { folder, force } = create;
  const there = await contentOf(folder);
  if (there !== undefined && there.length > 0 && !force) throw inUse(folder, there);
  try {
    if (there === undefined) await asNewFolder(create, signal);
    else await intoFolder(create, signal);
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new ToolProblem(`The project cannot be written to ${folder}: ${reasonOf(error)}. Choose another folder.`);
  }
}

/** What a folder has in it; undefined where there is none. A repository that was just made counts as empty. */
export async function contentOf(folder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder)).filter((name) => name !== ".git");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new ToolProblem(`The project cannot be written to ${folder}: ${reasonOf(error)}. Choose another folder.`);
  }
}

function inUse(folder: string, there: readonly string[]): ToolProblem {
  const some = [...there].sort().slice(0, 3).join(", ");
  const more = there.length > 3 ? ` and ${there.length - 3} more` : "";
  return new ToolProblem(
    `${folder} has files in it (${some}${more}). Choose a new or empty folder, or allow files to be replaced with --force.`,
  );
}

/** Made beside, and given its name when it is complete. */
async function asNewFolder({ folder, files }: Create, signal: AbortSignal): Promise<void> {
  const parent = dirname(folder);
  const first = await mkdir(parent, { recursive: true });
  const half = join(parent, halfName());
  try {
    await writeAll(half, files, signal);
    await rename(half, folder);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (first !== undefined) await removeEmpty(parent, first);
    throw error;
  }
}

/** Made within, since the folder may be where somebody works; then moved up, and moved back if one cannot be. */
async function intoFolder({ folder, files }: Create, signal: AbortSignal): Promise<void> {
  const half = join(folder, halfName());
  const before = join(half, "before");
  const moved: string[] = [];
  const kept: string[] = [];
  const madeFolders: string[] = [];
  try {
    await writeAll(join(half, "after"), files, signal);
    for (const { path } of files) {
      const made = await mkdir(dirname(join(folder, path)), { recursive: true });
      if (made !== undefined) madeFolders.unshift(made);
      await mkdir(dirname(join(before, path)), { recursive: true });
      if (await isThere(join(folder, path))) {
        if ((await lstat(join(folder, path))).isDirectory()) throw new Error(`${path} is a folder there`);
        await rename(join(folder, path), join(before, path));
        kept.push(path);
      }
      await rename(join(half, "after", path), join(folder, path));
      moved.push(path);
    }
  } catch (error) {
    for (const path of moved) await rm(join(folder, path), { force: true });
    for (const path of kept) await rename(join(before, path), join(folder, path));
    for (const path of madeFolders) await rm(path, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

async function writeAll(folder: string, files: readonly ProjectFile[], signal: AbortSignal): Promise<void> {
  for (const { path, text } of files) {
    if (signal.aborted) throw new Cancelled();
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text, { flag: "wx" });
  }
  if (signal.aborted) throw new Cancelled();
}

async function removeEmpty(folder: string, last: string): Promise<void> {
  for (let path = folder; path.startsWith(last); path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      return;
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

function halfName(): string {
  return `.hookpoint-${process.pid}-${randomBytes(4).toString("hex")}`;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EACCES" || code === "EPERM") return "you may not write there (permission denied)";
  if (code === "ENOTDIR") return "a part of the path is a file and no folder";
  if (code === "EROFS") return "the file system is read-only";
  if (code === "ENOSPC") return "the disk is full";
  if (code === "ENAMETOOLONG") return "the path is too long";
  return message;
}
