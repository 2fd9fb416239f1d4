/**
 * Files behind promises, but asked in place. What `fs/promises` does for one source file takes several trips through the
 * thread pool, each longer than to read the file, and to load it takes as long as to read fifty. All that is read here is
 * short: what may be longer is asked for its size first.
 */

import * as fs from "node:fs";

export async function readFile(path: string): Promise<Buffer>;
export async function readFile(path: string, encoding: "utf8"): Promise<string>;
export async function readFile(path: string, encoding?: "utf8"): Promise<Buffer | string> {
  return fs.readFileSync(path, encoding);
}

/** The first bytes of a file. */
export async function readHead(path: string, into: Buffer): Promise<Buffer> {
  const file = fs.openSync(path, "r");
  try {
    return into.subarray(0, fs.readSync(file, into, 0, into.length, 0));
  } finally {
    fs.closeSync(file);
  }
}

export async function stat(path: string): Promise<fs.Stats> {
  return fs.statSync(path);
}

/** The size of a file; undefined where there is none, which is the usual answer, and costs no error. A pipe would be waited for. */
export function sizeOf(path: string): number | undefined {
  try {
    const found = fs.statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? found.size : undefined;
  } catch {
    // Below a file, a link that leads to itself, or where nobody may look.
    return undefined;
  }
}

/** Where links lead in the end; undefined where that is nowhere, or in a circle. */
export function realPath(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path);
  } catch {
    return undefined;
  }
}

export async function mayWrite(path: string): Promise<boolean> {
  try {
    fs.accessSync(path, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export async function readFolder(path: string): Promise<fs.Dirent[]> {
  return fs.readdirSync(path, { withFileTypes: true });
}

export async function writeFile(path: string, text: string): Promise<void> {
  fs.writeFileSync(path, text);
}
