/** The folders in which a project says how a source is built: the source's own, and those above it. */

import { readFile, stat } from "node:fs/promises";
import { dirname, relative, resolve, sep } from "node:path";
import type { Sought } from "./flag.ts";

/** From the source's folder up to the root; the source's own alone where it does not lie in the root. */
export function foldersAbove({ source, root }: Sought): readonly string[] {
  const folders = [resolve(dirname(source))];
  const top = resolve(root);
  if (!isInside(folders[0] ?? "", top)) return folders;
  for (let folder = folders[0] ?? ""; folder !== top; ) {
    folder = dirname(folder);
    folders.push(folder);
  }
  return folders;
}

function isInside(folder: string, top: string): boolean {
  return folder === top || folder.startsWith(top.endsWith(sep) ? top : top + sep);
}

/** The text of a file; undefined where there is none, or one that nobody can have written by hand. */
export async function textOf(path: string, limit = 1024 * 1024): Promise<string | undefined> {
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size > limit) return undefined;
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A file, as people would name it from where they work. */
export function nameFrom(root: string, path: string): string {
  const name = relative(root, path);
  return name === "" || name.startsWith("..") ? path : name;
}
