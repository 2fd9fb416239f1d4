/** Flags out of a Makefile: those of the command that compiles for BPF, or of a variable by one of the usual names. */

import { basename, join, resolve } from "node:path";
import { cleaned } from "./clean.ts";
import type { FoundFlags, Sought } from "./flag.ts";
import { foldersAbove, nameFrom, textOf } from "./folders.ts";
import { expanded, readMakefile, UNKNOWN } from "./make-variables.ts";
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
      const found = text === undefined ? undefined : flagsIn(text, sought, folder, nameFrom(sought.root, path));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function flagsIn(text: string, { source }: Sought, cwd: string, origin: string): FoundFlags | undefined {
  const { variables, recipes } = readMakefile(text);
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
    ...(unknown
      ? [`What a Makefile has from $(shell …), from functions and from other files was left out: nothing of it is run.`]
      : []),
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
function sorted(words: readonly string[]): { readonly known: readonly string[]; readonly unknown: boolean } {
  const known: string[] = [];
  let unknown = false;
  for (const word of words) {
    if (!word.includes(UNKNOWN)) known.push(word);
    else {
      const flag = TAKES_VALUE.test(known.at(-1) ?? "") ? known.pop() : undefined;
      // The object's name is of no interest, and what stands for the source neither.
      if (flag !== "-o" && word !== AUTOMATIC) unknown = true;
    }
  }
  return { known, unknown };
}

/** `$<` and `$@` of a recipe. */
const AUTOMATIC = `${UNKNOWN}@`;
