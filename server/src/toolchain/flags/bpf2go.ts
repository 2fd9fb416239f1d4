/** Flags out of `//go:generate … bpf2go … source.c -- flags` in the Go files around a source. */

import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { cleaned } from "./clean.ts";
import type { FoundFlags, Sought } from "./flag.ts";
import { foldersAbove, nameFrom, textOf } from "./folders.ts";
import { splitWords } from "./split.ts";

const DIRECTIVE = /^\/\/go:generate[ \t]+(.*\bbpf2go\b.*)$/gm;
/** A folder with more is not looked through: it is generated. */
const MOST_FILES = 300;

export async function fromBpf2go(sought: Sought): Promise<FoundFlags | undefined> {
  for (const folder of foldersAbove(sought)) {
    for (const name of await goFiles(folder)) {
      const path = join(folder, name);
      const text = await textOf(path);
      if (text === undefined || !text.includes("bpf2go")) continue;
      for (const [, line = ""] of text.matchAll(DIRECTIVE)) {
        const found = flagsOf(line, sought, folder, nameFrom(sought.root, path));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

async function goFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(".go"))
    .sort()
    .slice(0, MOST_FILES);
}

/** Undefined when the directive is for another source. */
function flagsOf(line: string, { source }: Sought, cwd: string, origin: string): FoundFlags | undefined {
  const words = splitWords(line);
  const end = words.indexOf("--");
  const before = end === -1 ? words : words.slice(0, end);
  if (!before.some((word) => basename(word) === basename(source) && resolve(cwd, word) === resolve(source)))
    return undefined;
  const own = before.flatMap((word, i) =>
    /^--?cflags$/.test(word) ? splitWords(before[i + 1] ?? "") : cflagsIn(word),
  );
  const all = [...own, ...(end === -1 ? [] : words.slice(end + 1))];
  // go generate fills these in from an environment that we do not have.
  const unclear = all.filter((word) => word.includes("$"));
  const { words: kept, refused } = cleaned(
    all.filter((word) => !word.includes("$")),
    () => false,
  );
  const notes = [
    ...unclear.map((word) => `${word} was left out: it comes from the environment of "go generate".`),
    ...refused.map((word) => `${word} was left out: flags of a project may not have the compiler run other code.`),
  ];
  return { words: kept, origin, cwd, notes };
}

function cflagsIn(word: string): readonly string[] {
  const value = /^--?cflags=(.*)$/s.exec(word)?.[1];
  return value === undefined ? [] : splitWords(value);
}
