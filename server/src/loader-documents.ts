/** Programs of user space that are open, and what is asked of them: where the BPF code stands that they speak of, and the way back. */

import type { Location } from "vscode-languageserver-types";
import type { Named } from "./analysis/names/names.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import type { Position } from "./analysis/text.ts";
import type { BpfFile } from "./bpf-files.ts";
import type { Documents } from "./documents.ts";
import type { Host } from "./host.ts";
import {
  definitionFrom,
  kindForLoaders,
  type LoaderPlace,
  loaderFilesOf,
  loaderOf,
  loaderPlaces,
} from "./loader-files.ts";
import { declaringFiles } from "./navigation.ts";
import { isBpfSource, isLoaderSource } from "./protocol.ts";
import type { Index, Workspace } from "./workspace.ts";

export interface LoaderDocuments {
  /** Whether an open file is one. Nothing else is answered there. */
  has(uri: string): boolean;
  /** A file was opened. */
  opened(uri: string, text: string): void;
  /** What is typed may make BPF code of it, not the other way: half-way through an edit findings must not vanish. */
  changed(uri: string, text: string): void;
  closed(uri: string): void;
  /** Where the BPF code stands that it speaks of at a place. */
  definition(uri: string, position: Position, isCancelled: () => boolean): Promise<Location[]>;
  /** Where programs of user space name a thing that they find by its name. */
  places(file: Snapshot, named: Named, isCancelled: () => boolean): Promise<readonly LoaderPlace[]>;
}

export interface LoaderParts extends Pick<Host, "isFile"> {
  readonly documents: Documents;
  readonly workspace: Workspace;
  readonly bpfFiles: Index<BpfFile>;
}

export function loaderDocuments({ documents, workspace, bpfFiles, isFile }: LoaderParts): LoaderDocuments {
  const open = new Set<string>();
  const loaderFiles = loaderFilesOf(workspace);
  /** Without places in files that are gone: when a folder goes, editors do not tell of what was in it. */
  const stillThere = async <T extends Pick<Location, "uri">>(places: readonly T[]): Promise<T[]> => {
    const gone = new Set<string>();
    for (const uri of new Set(places.map((place) => place.uri)))
      if (documents.version(uri) === undefined && !(await isFile(uri))) gone.add(uri);
    gone.forEach(workspace.changed);
    if (gone.size > 0) workspace.forgetLists();
    return places.filter(({ uri }) => !gone.has(uri));
  };
  return {
    has: (uri) => open.has(uri),
    opened: (uri, text) => {
      if (isLoaderSource(uri, text)) open.add(uri);
    },
    changed: (uri, text) => {
      if (!isLoaderSource(uri, text) && isBpfSource(uri, text)) open.delete(uri);
    },
    closed: (uri) => void open.delete(uri),
    definition: async (uri, position, isCancelled) => {
      const text = documents.text(uri);
      if (text === undefined) return [];
      return stillThere(definitionFrom(uri, loaderOf(uri, text), position, await bpfFiles.all(isCancelled)));
    },
    places: async (file, named, isCancelled) => {
      const kind = kindForLoaders(named);
      if (kind === undefined) return [];
      const [loaders, sources] = [await loaderFiles.all(isCancelled), await bpfFiles.all(isCancelled)];
      return stillThere(loaderPlaces(named.name, kind, declaringFiles(file, named), loaders, sources));
    },
  };
}
