/** What is asked of all BPF files of the workspace together. */

import type { Headers } from "./analysis/header.ts";
import { buildModel } from "./analysis/model.ts";
import type { Named } from "./analysis/names/names.ts";
import type { Snapshot } from "./analysis/snapshot.ts";
import type { NamedThing } from "./analysis/symbols.ts";
import { hasWord } from "./analysis/text.ts";
import type { BpfFile } from "./bpf-files.ts";
import type { ThingsByFile } from "./features/workspace-symbols.ts";
import type { Index } from "./workspace.ts";

/** What there is by name, of each file and each header once. */
export async function thingsByFile(files: Index<BpfFile>, isCancelled: () => boolean): Promise<ThingsByFile> {
  const found = new Map<string, readonly NamedThing[]>();
  for (const [uri, { things, headers }] of await files.all(isCancelled)) {
    found.set(uri, things);
    for (const [header, inHeader] of headers) if (!found.has(header)) found.set(header, inHeader);
  }
  return found;
}

/** A file with its headers. */
export interface Whole {
  readonly text: string;
  readonly headers: Headers;
}

export interface Others {
  readonly files: Index<BpfFile>;
  /** A file as it is now, open or not. */
  readonly read: (uri: string) => Promise<Whole | undefined>;
  readonly isCancelled: () => boolean;
}

/**
 * The files that know the same thing, the asked one first. What is declared in a file is known to those that include it, and
 * what a function declares to that file alone.
 */
export async function filesKnowing(
  file: Snapshot,
  named: Named,
  { files, read, isCancelled }: Others,
): Promise<readonly Snapshot[]> {
  const declaring = declaringFiles(file, named);
  if (declaring.size === 0) return [file];
  const found = [file];
  for (const [uri, { headers }] of await files.all(isCancelled)) {
    if (isCancelled()) break;
    if (uri === file.uri || ![...declaring].some((one) => one === uri || headers.has(one))) continue;
    const other = await read(uri);
    if (other === undefined) continue;
    // What a header says was seen with the first file that includes it, so most others need not be read.
    const speaks = [other.text, ...other.headers.list.map(({ lowered: { source } }) => source)];
    if (speaks.some((text) => hasWord(text, named.name))) found.push(snapshotOf(uri, other));
  }
  return found;
}

/** The files in which a thing is declared; none for what only a function knows. */
export function declaringFiles({ uri, model: { names } }: Snapshot, named: Named): ReadonlySet<string> {
  if (named.local !== undefined) return new Set();
  const places = names.places(named);
  const declared = [...places.filter(({ role }) => role !== "use"), ...names.made(named)];
  if (declared.length === 0) return new Set();
  // A header may speak of what each file that includes it has to define: then all of these mean the same.
  const speaking = places.filter(({ header }) => header !== undefined);
  return new Set([...declared, ...speaking].map(({ header }) => header ?? uri));
}

/** A file that nobody has open. Nothing of it is asked that needs the parser. */
export function snapshotOf(uri: string, { text, headers }: Whole): Snapshot {
  const { model, lines, tree } = buildModel(text, undefined, { headers });
  tree.dispose();
  return { uri, text, lines, model };
}
