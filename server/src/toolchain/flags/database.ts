/** What a `compile_commands.json` says, as it stands: who asks decides which paths are meant. Pure, for the server and the build alike. */

import { splitWords } from "./split.ts";

export interface Entry {
  readonly directory: string;
  readonly file: string;
  /** Of the command; asked of few. */
  readonly words: () => readonly string[];
}

/** Undefined when the text is no list of commands. */
export function entriesOf(text: string): readonly Entry[] | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return undefined;
  }
  return Array.isArray(list) ? list.flatMap((item: unknown) => entryOf(item) ?? []) : undefined;
}

function entryOf(item: unknown): Entry | undefined {
  if (typeof item !== "object" || item === null) return undefined;
  const { directory = "", file, command, arguments: words } = item as Readonly<Record<string, unknown>>;
  if (typeof file !== "string" || typeof directory !== "string") return undefined;
  if (Array.isArray(words) && words.every((word) => typeof word === "string"))
    return { directory, file, words: () => words };
  return typeof command === "string" ? { directory, file, words: () => splitWords(command) } : undefined;
}
