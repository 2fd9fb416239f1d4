/** Flags out of a Makefile: those of the command that compiles for BPF, or of a variable by one of the usual names. */

import { basename, join, resolve } from "node:path";
import { cleaned } from "./clean.ts";
import type { FoundFlags, Sought } from "./flag.ts";
import { foldersAbove, nameFrom, textOf } from "./folders.ts";
import { expanded, type Makefile, readMakefile, UNKNOWN } from "./make-variables.ts";
import { splitWords } from "./split.ts";

const NAMES = ["GNUmakefile", "makefile", "Makefile"];
/** What people call the flags for BPF. */
const VARIABLES = ["BPF_CFLAGS", "CLANG_BPF_FLAGS", "BPF_FLAGS", "BPFCFLAGS", "EBPF_CFLAGS", "BPF_CLANG_FLAGS"];
const FOR_BPF = /(?:-target[ \t]+|--target=)bpf/;

export async function fromMakefile(sought: Sought): Promise<FoundFlags | undefined> {
  for (const folder of foldersAbove(sought)) {
    for (const name of NAMES) {
      const path = join(folder, name);
      const text = await textOf(path);
      if (text === undefined) continue;
      const found = flagsIn(await readMakefile(text, folder), sought, folder, nameFrom(sought.root, path));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function flagsIn(
  { variables, recipes }: Makefile,
  { source }: Sought,
  cwd: string,
  origin: string,
): FoundFlags | undefined {
  const commands = recipes.map((recipe) => ({ recipe, expanded: expanded(recipe, variables) }));
  const command = commands.find((one) => FOR_BPF.test(one.expanded));
  const names = VARIABLES.filter((one) => variables.has(one));
  if (command === undefined && names.length === 0) return undefined;
  const flags = command?.expanded ?? names.map((one) => expanded(`$(${one})`, variables)).join(" ");
  const words = firstCommand(splitWords(flags));
  const { known, unknown } = sorted(command === undefined ? words : words.slice(compilerAt(words) + 1));
  const isSource = (word: string): boolean =>
    resolve(cwd, word) === resolve(source) || basename(word) === basename(source) || /\.(?:c|o)$/.test(word);
  const { words: kept, refused } = cleaned(known, isSource);
  const notes = [
    ...(unknown.length === 0
      ? []
      : [`${[...new Set(unknown)].join(" ")} was left out: nothing of a Makefile is run to know what that comes to.`]),
    ...refused.map((word) => `${word} was left out: flags of a project may not have the compiler run other code.`),
  ];
  return { words: kept, origin, cwd, notes };
}

/** A recipe may go on with another command. */
function firstCommand(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => /^(?:&&|\|\|?|;|[12]?>.*)$/.test(word));
  return end === -1 ? words : words.slice(0, end);
}

/** Flags begin behind the compiler's name, which may be unknown, or have `ccache` and such before it. */
function compilerAt(words: readonly string[]): number {
  return words.findIndex((word) => !word.startsWith("-") && /clang|gcc|\bcc$/.test(word));
}

const TAKES_VALUE = /^-(?:I|D|U|isystem|iquote|idirafter|include|imacros|o|target|x)$/;

/** Words that are not known through and through are left out, with the flag that they are the value of. */
function sorted(words: readonly string[]): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const known: string[] = [];
  const unknown: string[] = [];
  for (const word of words) {
    if (!word.includes(UNKNOWN)) known.push(word);
    else {
      const flag = TAKES_VALUE.test(known.at(-1) ?? "") ? known.pop() : undefined;
      // The object's name is of no interest, and what stands for the source neither.
      if (flag !== "-o" && !AUTOMATIC.test(word))
        unknown.push([...(flag === undefined ? [] : [flag]), word].join(" ").replaceAll(UNKNOWN, "$"));
    }
  }
  return { known, unknown };
}

/** `$<` and `$@` of a recipe, and functions of them. */
const AUTOMATIC = new RegExp(`^${UNKNOWN}(?:[@<^?*+%|]|\\((?:filter|word|firstword|patsubst|<|\\^)?…?\\))$`);
