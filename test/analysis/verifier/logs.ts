/** Logs of our own programs (`logs/sample.bpf.c`), as kernels printed them: `5.10-read_behind-2.log` is at level 2. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "logs");

export const logNames: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".log"))
  .sort();

export function logOf(name: string): string {
  return readFileSync(join(folder, `${name}.log`), "utf8");
}

/** The line of the program's source in which a text stands, from 1. */
export function lineOf(text: string): number {
  const lines = readFileSync(join(folder, "sample.bpf.c"), "utf8").split("\n");
  const found = lines.findIndex((line) => line.includes(text));
  if (found < 0) throw new Error(`no line with ${text}`);
  return found + 1;
}
