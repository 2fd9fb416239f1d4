/** Lines of files that compilers speak of. */

import { readFileSync, statSync } from "node:fs";

export interface SourceLines {
  /** Counted from 1, as compilers do; empty where there is none. */
  lineOf(file: string, line: number): string;
}

/** Larger ones are generated: their columns hold no more than ASCII. */
const LARGEST = 1024 * 1024;

/** Each file is read once. */
export function sourceLines(): SourceLines {
  const known = new Map<string, readonly string[]>();
  return {
    lineOf: (file, line) => {
      const lines = known.get(file) ?? linesOf(file);
      known.set(file, lines);
      return lines[line - 1] ?? "";
    },
  };
}

function linesOf(file: string): readonly string[] {
  try {
    const info = statSync(file);
    if (!info.isFile() || info.size > LARGEST) return [];
    return readFileSync(file, "utf8")
      .replace(/^\ufeff/, "")
      .split(/\r?\n/);
  } catch {
    return [];
  }
}
