/** Programs in user space and the BPF code that they load: from a name in one to the same thing in the other. */

import type { Location } from "vscode-languageserver-types";
import {
  goName,
  type LoaderFile,
  type LoaderUse,
  type ObjectUse,
  readLoader,
  stemOf,
  type ThingKind,
} from "./analysis/loading/uses.ts";
import type { Named } from "./analysis/names/names.ts";
import type { NamedThing } from "./analysis/symbols.ts";
import { type Lines, linesOf, type Position, type Range } from "./analysis/text.ts";
import type { BpfFile } from "./bpf-files.ts";
import { isLoaderSource } from "./protocol.ts";
import { decoded, encoded, normalized, parentOf } from "./uris.ts";
import type { Index, Workspace } from "./workspace.ts";

/** A program in user space with the lines that its places are told by. */
export interface Loader extends LoaderFile {
  readonly lines: Lines;
}

const ENDINGS = [".c", ".h", ".cc", ".cpp", ".go"];
/** Made from BPF sources or from the kernel: nobody looks for uses there. */
const MADE = /(?:\.(?:l|sub)?skel\.h|\/vmlinux[^/]*\.h|_bpfe[lb]\.go)$/;

export function loaderFilesOf(workspace: Workspace): Index<Loader> {
  return workspace.index<Loader>({
    endings: ENDINGS,
    digest: async (uri, text) =>
      MADE.test(uri) || !isLoaderSource(uri, text) ? undefined : { value: loaderOf(uri, text) },
  });
}

export function loaderOf(uri: string, text: string): Loader {
  return { ...readLoader(uri, text), lines: linesOf(text) };
}

/** What a loader's name means stands in one of these. */
interface Place {
  readonly uri: string;
  readonly thing: NamedThing;
}

/** Where what a loader names at a position stands in BPF code. */
export function definitionFrom(
  uri: string,
  { objects, uses, lines }: Loader,
  position: Position,
  bpfFiles: ReadonlyMap<string, BpfFile>,
): Location[] {
  const files = looked(bpfFiles);
  const offset = lines.offsetAt(position);
  const holds = ({ start, end }: { readonly start: number; readonly end: number }): boolean =>
    start <= offset && offset <= end;
  const object = objects.find((one) => one.end > 0 && holds(one));
  if (object !== undefined) return sourcesOf(uri, [object], files).map((source) => ({ uri: source, range: START }));
  const found = uses
    .filter(holds)
    .flatMap((use) => meantBy(uri, objects, use, files))
    .map(({ uri: place, thing }) => ({ uri: place, range: thing.nameRange }));
  return found.slice(0, 1);
}

const START: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** A place in a loader where a thing is named, and how it would be written under another name. */
export interface LoaderPlace extends Location {
  /** Whether nothing else can be meant: several objects may have something of the name. */
  readonly isSure: boolean;
  readonly write: (name: string) => string;
}

/** What loaders find by its name: not what one function knows, nor what C keeps to the file. */
export function kindForLoaders({ kind, local }: Pick<Named, "kind" | "local">): ThingKind | undefined {
  if (local !== undefined) return undefined;
  if (kind === "map" || kind === "program") return kind;
  return kind === "variable" ? "global" : undefined;
}

/** Where loaders name a thing that stands in one of `declaring`. */
export function loaderPlaces(
  name: string,
  kind: ThingKind,
  declaring: ReadonlySet<string>,
  loaders: ReadonlyMap<string, Loader>,
  bpfFiles: ReadonlyMap<string, BpfFile>,
): readonly LoaderPlace[] {
  const files = looked(bpfFiles);
  const found: LoaderPlace[] = [];
  for (const [uri, { objects, uses, lines }] of loaders) {
    for (const use of uses) {
      if (use.kind !== kind || use.name !== (use.form === "go" ? goName(name) : name)) continue;
      const meant = meantBy(uri, objects, use, files);
      if (!meant.some((place) => declaring.has(place.uri))) continue;
      const isSure = meant.every((place) => declaring.has(place.uri));
      found.push({ uri, range: lines.rangeOf(use), isSure, write: use.form === "go" ? goName : (written) => written });
    }
  }
  return found;
}

/** The BPF files as loaders ask for them. There may be thousands of both: each question goes through all files once. */
interface Files {
  readonly has: (source: string) => boolean;
  /** Those that an object may be made of, by the stem of its name. */
  readonly named: (stem: string) => readonly string[];
  /** Where what a loader names stands, by the source that has it itself or by a header. */
  readonly with: (use: LoaderUse) => ReadonlyMap<string, readonly Place[]>;
}

function looked(files: ReadonlyMap<string, BpfFile>): Files {
  const byStem = new Map<string, string[]>();
  for (const source of files.keys()) {
    const stem = stemOf(decoded(lastOf(source)));
    byStem.set(stem, [...(byStem.get(stem) ?? []), source]);
  }
  const known = new Map<string, ReadonlyMap<string, readonly Place[]>>();
  return {
    has: (source) => files.has(source),
    named: (stem) => byStem.get(stem) ?? [],
    with: (use) => {
      const key = `${use.form} ${use.kind} ${use.name}`;
      const found = known.get(key) ?? new Map([...files].flatMap(([source, file]) => placesIn(source, file, use)));
      known.set(key, found);
      return found;
    },
  };
}

function placesIn(source: string, file: BpfFile, use: LoaderUse): readonly (readonly [string, readonly Place[]])[] {
  const isMeant = ({ name, kind }: NamedThing): boolean =>
    kind === use.kind && use.name === (use.form === "go" ? goName(name) : name);
  const own = file.things.filter(isMeant).map((thing) => ({ uri: source, thing }));
  if (own.length > 0) return [[source, own]];
  const included = [...file.headers].flatMap(([header, things]) =>
    things.filter(isMeant).map((thing) => ({ uri: header, thing })),
  );
  return included.length === 0 ? [] : [[source, included]];
}

/** In the objects that the loader loads; where these say nothing, in the only file of the workspace that has it. */
function meantBy(uri: string, objects: readonly ObjectUse[], use: LoaderUse, files: Files): readonly Place[] {
  const places = files.with(use);
  if (places.size === 0) return [];
  const own = use.object === undefined ? [] : objects.filter(({ name }) => name === use.object);
  const ofObjects = sourcesOf(uri, own.length > 0 ? own : objects, files).flatMap((source) => places.get(source) ?? []);
  if (ofObjects.length > 0) return ofObjects;
  const anywhere = [...places.values()].flat();
  const isOne = new Set(anywhere.map((place) => place.uri)).size === 1;
  // An object may be linked of several files, none of which has its name.
  return use.of === "any" || isOne ? nearest(uri, anywhere) : [];
}

/** The sources of objects, of several by the same name the nearest. */
function sourcesOf(uri: string, objects: readonly ObjectUse[], files: Files): readonly string[] {
  return objects.flatMap(({ by, name }) => {
    if (by === "path") {
      const source = normalized(`${parentOf(uri)}/${encoded(name)}`);
      return files.has(source) ? [source] : [];
    }
    const named = files.named(stemOf(name)).map((source) => ({ uri: source }));
    return nearest(uri, named).map((one) => one.uri);
  });
}

function lastOf(uri: string): string {
  return uri.slice(uri.lastIndexOf("/") + 1);
}

/** Those that share the longest way with a file. */
function nearest<T extends { readonly uri: string }>(uri: string, places: readonly T[]): readonly T[] {
  const shared = (other: string): number => {
    const [a, b] = [uri.split("/"), other.split("/")];
    const end = a.findIndex((part, i) => part !== b[i]);
    return end === -1 ? a.length : end;
  };
  const most = Math.max(0, ...places.map((place) => shared(place.uri)));
  return places.filter((place) => shared(place.uri) === most);
}
