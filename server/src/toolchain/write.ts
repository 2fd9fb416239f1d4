/** Files that are there whole or not at all: whoever is cancelled half-way leaves what was there before. */

import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { ToolProblem } from "./problem.ts";

/**
 * Lets `make` write to a name of its own in the same folder, and gives that the wanted name when it is done. The extension
 * stays, since some tools go by it.
 */
export async function intoPlace<T>(path: string, make: (half: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true }).catch(inWords(path));
  const extension = extname(path);
  const half = join(
    folder,
    `.${basename(path, extension)}.${process.pid}-${randomBytes(4).toString("hex")}${extension}`,
  );
  try {
    const made = await make(half);
    await rename(half, path).catch(inWords(path));
    return made;
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await intoPlace(path, (half) => writeFile(half, content).catch(inWords(path)));
}

/** What the system says of a name that the person never gave would help nobody. */
function inWords(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const why = REASONS[error.code ?? ""];
    if (why === undefined) throw error;
    throw new ToolProblem(`${path} cannot be written: ${why}.`);
  };
}

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "a folder of that name is in the way",
  ENOTEMPTY: "a folder of that name is in the way",
  EEXIST: "a file is in the way where a folder is needed",
  ENOTDIR: "a file is in the way where a folder is needed",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "it is on a file system that is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};
