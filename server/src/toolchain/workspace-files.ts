/** Looking for files in the folders of a project: upwards from a source, and downwards within bounds. */

import type { Dirent } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** A project with more folders than these is searched no further: a build must not wait for it. */
const MOST_FOLDERS = 1500;
const DEEPEST = 5;
/** Where others keep what is theirs, in numbers. */
const SKIPPED = new Set(["node_modules", ".git", ".hg", ".svn", "__pycache__"]);

/** The folder of a source and those above it, up to the root of the work, which comes last in any case. */
export function foldersUp(folder: string, root: string): readonly string[] {
  const inside = relative(root, folder);
  if (inside === "") return [root];
  if (inside.startsWith("..") || dirname(folder) === folder) return [folder, root];
  return [folder, ...foldersUp(dirname(folder), root)];
}

/** The first folder below `top`, nearest first and then by name, that holds the file `wanted`, a path such as `bpf/bpf.h`. */
export async function folderWith(wanted: string, top: string): Promise<string | undefined> {
  let level: readonly string[] = [top];
  let seen = 0;
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (seen++ > MOST_FOLDERS) return undefined;
      if (await isFile(join(folder, wanted))) return folder;
      next.push(...foldersOf(folder, await entries(folder)));
    }
    level = next;
  }
  return undefined;
}

/** Files below `top` whose names match, nearest folders first. */
export async function filesBelow(top: string, name: RegExp, most: number): Promise<readonly string[]> {
  const found: string[] = [];
  let level: readonly string[] = [top];
  let seen = 0;
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (seen++ > MOST_FOLDERS || found.length >= most) return found.slice(0, most);
      const inside = await entries(folder);
      found.push(
        ...inside.filter((entry) => entry.isFile() && name.test(entry.name)).map((entry) => join(folder, entry.name)),
      );
      next.push(...foldersOf(folder, inside));
    }
    level = next;
  }
  return found.slice(0, most);
}

/** Links are not followed: they may lead in a circle. */
function foldersOf(folder: string, inside: readonly Dirent[]): readonly string[] {
  return inside
    .filter((entry) => entry.isDirectory() && !SKIPPED.has(entry.name))
    .map(({ name }) => join(folder, name))
    .sort();
}

export async function entries(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** The beginning of a file, undefined where it cannot be read; what is no file, such as a pipe, would never end. */
export async function startOf(path: string, most: number): Promise<string | undefined> {
  if (!(await isFile(path))) return undefined;
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(most), 0, most, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The first of some paths that is a file. */
export async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await isFile(path)) return path;
  return undefined;
}
