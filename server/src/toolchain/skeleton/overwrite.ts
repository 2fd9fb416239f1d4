/** Files of the person's own, which are written over only when they say so. */

import { open } from "node:fs/promises";
import { basename } from "node:path";
import { ToolProblem } from "../problem.ts";

/** Thrown where a file is in the way that we have not made: the person may allow to write over it. */
export class InTheWay extends ToolProblem {
  readonly path: string;

  constructor(path: string) {
    super(`${path} is there already, and was not generated: it is not written over.`);
    this.name = "InTheWay";
    this.path = path;
  }
}

/** How much of a file says what it is. */
const BEGINNING = 4096;

export async function refuseOverwriting(
  path: string,
  isGenerated: (beginning: string) => boolean,
  force: boolean,
): Promise<void> {
  if (force) return;
  const beginning = await beginningOf(path);
  if (beginning !== undefined && beginning !== "" && !isGenerated(beginning)) throw new InTheWay(path);
}

/** Undefined where there is no such file. */
async function beginningOf(path: string): Promise<string | undefined> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new ToolProblem(`${basename(path)} cannot be written: ${error instanceof Error ? error.message : error}.`);
  }
}
