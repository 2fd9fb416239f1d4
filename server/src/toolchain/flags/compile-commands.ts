/** Flags out of `compile_commands.json`: the entry for that very file. */

import { realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { cleaned, isForBpf, portable } from "./clean.ts";
import { type Entry, entriesOf } from "./database.ts";
import type { FoundFlags, Sought } from "./flag.ts";
import { foldersAbove, nameFrom, textOf } from "./folders.ts";

const NAMES = ["compile_commands.json", join("build", "compile_commands.json")];
/** A kernel's has 10 MB. */
const LIMIT = 64 * 1024 * 1024;

/** Undefined where no database knows the file; a note alone where one cannot be read. */
export async function fromCompileCommands(sought: Sought): Promise<FoundFlags | undefined> {
  const real = await realOf(sought.source);
  for (const folder of foldersAbove(sought)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      const text = await textOf(path, LIMIT);
      if (text === undefined) continue;
      const entries = entriesOf(text);
      const origin = nameFrom(sought.root, path);
      if (entries === undefined)
        return {
          words: [],
          origin,
          cwd: folder,
          notes: ["This is no valid list of commands: it was not used."],
        };
      const own = await entryFor(real, entries, folder);
      if (own === undefined) continue;
      const cwd = resolve(folder, own.directory);
      if (await isFolder(cwd)) return flagsOf(own, real, origin, cwd);
      return {
        words: [],
        origin,
        cwd: folder,
        notes: [`Its command is for ${cwd}, which is not there: it was not used.`],
      };
    }
  }
  return undefined;
}

/** The one for BPF, where a file is compiled twice. */
async function entryFor(real: string, entries: readonly Entry[], folder: string): Promise<Entry | undefined> {
  const name = basename(real);
  const own: Entry[] = [];
  for (const entry of entries) {
    if (basename(entry.file) !== name) continue;
    if ((await realOf(resolve(folder, entry.directory, entry.file))) === real) own.push(entry);
  }
  return own.find(({ words }) => isForBpf(words())) ?? own[0];
}

function flagsOf({ words }: Entry, real: string, origin: string, cwd: string): FoundFlags {
  const { words: kept, refused } = cleaned(
    words().slice(1),
    (word) => resolve(cwd, word) === real || word.endsWith(basename(real)),
  );
  const notes = refused.map(
    (word) => `${word} was left out: flags of a project may not have the compiler run other code.`,
  );
  if (isForBpf(kept)) return { words: kept, origin, cwd, notes };
  const note = `Its command compiles for this machine, not for BPF: only where headers are, what is defined and warnings were taken from it.`;
  return { words: portable(kept), origin, cwd, notes: [...notes, note] };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}

async function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
