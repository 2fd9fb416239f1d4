/** The folders of headers that the build of a source names. Nothing is run for it: what only `make` would tell is left out. */

import { PROJECT_FILE } from "./project.ts";
import { entriesOf } from "./toolchain/flags/database.ts";
import { decoded, encoded, normalized, parentOf } from "./uris.ts";

/** How far above the source is looked. A database stands at the top of a project. */
const LEVELS = 8;

interface FlagFile {
  readonly name: string;
  /** The folders that it names for a source, and the folder that they are meant from. */
  readonly read: (text: string, place: string, source: string) => readonly Named[];
}

interface Named {
  readonly paths: readonly string[];
  readonly from: string;
}

const asTheyStand: FlagFile["read"] = (text, from) => [{ paths: pathsInText(text), from }];

const FLAG_FILES: readonly FlagFile[] = [
  { name: PROJECT_FILE, read: (text, from) => [{ paths: pathsIn(flagsOfProject(text)), from }] },
  { name: "compile_commands.json", read: commandsFor },
  { name: "build/compile_commands.json", read: commandsFor },
  { name: "compile_flags.txt", read: asTheyStand },
  { name: ".clangd", read: asTheyStand },
  { name: "Makefile", read: asTheyStand },
];

const fileNames = new Set(FLAG_FILES.map(({ name }) => name.slice(name.lastIndexOf("/") + 1)));

/** What an editor is to tell of as it changes; of the project's own file it does so anyway. */
export const BUILD_FILES = `**/{${[...fileNames].filter((name) => name !== PROJECT_FILE).join(",")}}`;

type Read = (uri: string) => Promise<string | undefined>;

/** The folders that `-I` and its relatives name in what the source is built with. */
export async function foldersOfBuild(source: string, read: Read): Promise<readonly string[]> {
  const places: string[] = [];
  let folder = parentOf(source);
  for (let level = 0; level < LEVELS && folder.includes("://") && !folder.endsWith(":/"); level++) {
    places.push(folder);
    folder = parentOf(folder);
  }
  const found = await Promise.all(
    places.flatMap((place) =>
      FLAG_FILES.map(async ({ name, read: flagsIn }) => {
        const text = await read(`${place}/${name}`);
        return text === undefined ? [] : flagsIn(text, place, source).flatMap(foldersIn);
      }),
    ),
  );
  return [...new Set(found.flat())];
}

function foldersIn({ paths, from }: Named): readonly string[] {
  return paths.flatMap((name) => {
    const path = name.replace(/^\$[({](?:CURDIR|PWD)[)}](?=\/|$)/, ".");
    // Of the system's nothing is followed.
    if (path === "" || /\$|^\/usr\//.test(path)) return [];
    return absolute(path, from) ?? [];
  });
}

const FLAG = /^-(?:I|iquote|isystem|idirafter)(.*)$/s;

/** Flags that come word by word. */
function pathsIn(words: readonly string[]): readonly string[] {
  return words.flatMap((word, i) => {
    const path = FLAG.exec(word)?.[1];
    return path === undefined ? [] : path === "" ? (words[i + 1] ?? []) : path;
  });
}

/** Flags somewhere in what people write by hand. */
function pathsInText(text: string): readonly string[] {
  const found = text.matchAll(/(?:^|[\s"',[=])-(?:I|iquote|isystem|idirafter)\s*([^\s"',\]]+)/gm);
  return [...found].map(([, path = ""]) => path);
}

/** What is wrong with the file is said where it is read for its settings. */
function flagsOfProject(text: string): readonly string[] {
  try {
    const project = JSON.parse(text) as { readonly build?: { readonly flags?: unknown } | null } | null;
    const flags = project?.build?.flags;
    return Array.isArray(flags) ? flags.filter((flag) => typeof flag === "string") : [];
  } catch {
    return [];
  }
}

/** Of a database those for the source itself: it may be there twice, for its host and for BPF. */
function commandsFor(text: string, place: string, source: string): readonly Named[] {
  const path = decoded(source);
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (entriesOf(text) ?? []).flatMap(({ directory, file, words }) => {
    if (!file.endsWith(name)) return [];
    const from = absolute(directory, place);
    const built = from && absolute(file, from);
    // Editors escape more signs of a path, or fewer.
    return from !== undefined && built !== undefined && decoded(built) === path
      ? { paths: pathsIn(words()), from }
      : [];
  });
}

/** Undefined for a path of a machine, seen from what is not on one. */
function absolute(path: string, from: string): string | undefined {
  const slashes = path.replaceAll("\\", "/");
  const drive = /^([A-Za-z]):(\/.*)$/.exec(slashes);
  if (drive === null && !slashes.startsWith("/")) return normalized(`${from}/${encoded(slashes)}`);
  if (!from.startsWith("file:")) return undefined;
  const [, letter = "", rest = ""] = drive ?? [];
  return normalized(
    drive === null ? `file://${encoded(slashes)}` : `file:///${letter.toLowerCase()}%3A${encoded(rest)}`,
  );
}
