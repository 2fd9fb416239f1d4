/** The files of the workspace, each read in the background to what somebody wants to know of it. */

import { MAX_LENGTH } from "./core.ts";
import type { Host } from "./host.ts";
import { pauser } from "./pauser.ts";
import { decoded } from "./uris.ts";

export interface Workspace {
  /** The folders that are open in the editor have changed. */
  changeFolders(added: readonly string[], removed: readonly string[]): void;
  /** The innermost of them that a file is below. */
  folderOf(uri: string): string | undefined;
  /** Whether a file is below one of them; without folders nobody knows, so every file is. */
  holds(uri: string): boolean;
  index<T>(options: IndexOptions<T>): Index<T>;
  /** A file may hold another text than before. */
  changed(uri: string): void;
  /** Files have come or gone. */
  forgetLists(): void;
  /** Anything may be different. */
  forget(): void;
}

export interface IndexOptions<T> {
  /** How the names of the files end that are looked at. */
  readonly endings: readonly string[];
  /** What is kept of a file, until it or a file that it was read with changes; undefined for a file of another kind. */
  readonly digest: (uri: string, text: string) => Promise<Digest<T> | undefined>;
}

export interface Digest<T> {
  readonly value: T;
  /** Other files that went into it. */
  readonly reads?: ReadonlySet<string>;
}

export interface Index<T> {
  /** What there is of all files by now: those of the workspace, and those that are open. What was read before is not read again. */
  all(isCancelled?: () => boolean): Promise<ReadonlyMap<string, T>>;
}

export interface WorkspaceParts extends Pick<Host, "listFiles" | "readText"> {
  readonly later: Host["later"];
  /** The open files: their texts are what the editor has, and they count wherever they are. */
  readonly openFiles: () => readonly string[];
}

/** More files are listed in no workspace that somebody works in by hand. */
const MAX_FILES = 20_000;
interface Entry {
  readonly digest: Promise<Digest<unknown> | undefined>;
  /** Known once it has been read. */
  reads?: ReadonlySet<string> | undefined;
}

export function workspaceOf(parts: WorkspaceParts): Workspace {
  let folders: readonly string[] = [];
  const forgetLists = (): void => {
    for (const { forgetList } of indexes) forgetList();
  };
  const indexes: { readonly entries: Map<string, Entry>; forgetList(): void }[] = [];

  const index = <T>({ endings, digest }: IndexOptions<T>): Index<T> => {
    const entries = new Map<string, Entry>();
    let listed: Promise<readonly string[]> | undefined;
    const forgetList = (): void => {
      listed = undefined;
    };
    indexes.push({ entries, forgetList });
    const isWanted = (uri: string): boolean => endings.some((ending) => uri.endsWith(ending));
    const read = async (uri: string): Promise<Digest<T> | undefined> => {
      const text = await parts.readText(uri, MAX_LENGTH);
      return text === undefined ? undefined : digest(uri, text);
    };
    const entryOf = (uri: string): Entry => {
      const known = entries.get(uri);
      if (known !== undefined) return known;
      const entry: Entry = { digest: read(uri) };
      entries.set(uri, entry);
      entry.digest.then(
        (found) => {
          entry.reads = found?.reads;
        },
        // What went wrong once may go right the next time.
        () => entries.delete(uri),
      );
      return entry;
    };
    return {
      all: async (isCancelled = () => false) => {
        listed ??= list(folders, endings, parts);
        // What went wrong once may go right the next time.
        listed.catch(forgetList);
        const found = new Map<string, T>();
        const pause = pauser(() => new Promise<void>(parts.later));
        const uris = await listed;
        // An open file goes by the name that the editor has for it, which may have other escapes.
        const files = new Map([...uris, ...parts.openFiles().filter(isWanted)].map((uri) => [decoded(uri), uri]));
        for (const uri of files.values()) {
          if (isCancelled()) break;
          const made = await entryOf(uri).digest.catch(() => undefined);
          if (made !== undefined) found.set(uri, made.value as T);
          await pause();
        }
        return found;
      },
    };
  };

  const folderOf = (uri: string): string | undefined =>
    folders
      .filter((folder) => uri.startsWith(`${folder.replace(/\/$/, "")}/`))
      .reduce<string | undefined>((best, one) => (one.length > (best ?? "").length ? one : best), undefined);

  return {
    index,
    folderOf,
    changeFolders: (added, removed) => {
      folders = [...folders.filter((uri) => !removed.includes(uri)), ...added];
      forgetLists();
    },
    holds: (uri) => folders.length === 0 || folderOf(uri) !== undefined,
    forgetLists,
    changed: (uri) => {
      for (const { entries } of indexes) {
        entries.delete(uri);
        for (const [other, { reads }] of entries) if (reads?.has(uri) === true) entries.delete(other);
      }
    },
    forget: () => {
      forgetLists();
      for (const { entries } of indexes) entries.clear();
    },
  };
}

async function list(folders: readonly string[], endings: readonly string[], { listFiles }: WorkspaceParts) {
  const found: string[] = [];
  for (const folder of folders) found.push(...(await listFiles(folder, endings, MAX_FILES - found.length)));
  return found;
}
