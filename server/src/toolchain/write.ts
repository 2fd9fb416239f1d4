/** Files that are there whole or not at all: whoever is cancelled half-way leaves what was there before. */

import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/**
 * Lets `make` write to a name of its own in the same folder, and gives that the wanted name when it is done. The extension
 * stays, since some tools go by it.
 */
export async function intoPlace<T>(path: string, make: (half: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const extension = extname(path);
  const half = join(
    folder,
    `.${basename(path, extension)}.${process.pid}-${randomBytes(4).toString("hex")}${extension}`,
  );
  try {
    const made = await make(half);
    await rename(half, path);
    return made;
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await intoPlace(path, (half) => writeFile(half, content));
}
