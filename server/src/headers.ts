/** Follows `#include` through the host: bounded, each file once, circles cut. */

import {
  type Header,
  type Headers,
  headersOf,
  type Include,
  includeLines,
  isKernelTypes,
  isLibbpfCopy,
  isWorthReading,
  noHeaders,
  readHeader,
  readWhole,
} from "./analysis/header.ts";
import { remembered } from "./analysis/remember.ts";
import type { Define } from "./analysis/syntax/macros.ts";
import { foldersOfBuild } from "./build-folders.ts";
import type { Host } from "./host.ts";
import { includersOf } from "./included-by.ts";
import { encoded, normalized, parentOf } from "./uris.ts";

/** Far above what BPF programs include, far below what would be felt. */
const MAX_HEADERS = 64;
export const MAX_LENGTH = 512 * 1024;
/** How far above the source the folders of headers are looked for, and what those are called. */
const MAX_LEVELS = 8;
const FOLDERS = ["", "include/", "headers/", "lib/"];

export interface HeaderFollower {
  /** What the text at `uri` takes from its headers. The same object as before when nothing about them changed. */
  follow(uri: string, text: string): Promise<Headers>;
  /** The folders of headers that the build of a source names. */
  buildFolders(uri: string): Promise<readonly string[]>;
  /** Forgets what was read: all of it, or one header. */
  forget(uri?: string): void;
  /** Lets go of what a text takes from its headers: nobody asks about it any more. */
  leave(uri: string): void;
}

export function headerFollower({
  readText,
  listFiles,
}: Pick<Host, "readText"> & Partial<Pick<Host, "listFiles">>): HeaderFollower {
  const includers = includersOf({ readText, ...(listFiles && { listFiles }) });
  const texts = new Map<string, Promise<string | undefined>>();
  const readings = new Map<string, Reading[]>();
  const named = new Map<string, Promise<readonly string[]>>();
  const known = new Map<string, { readonly key: string; readonly headers: Promise<Headers> }>();
  const read = (uri: string): Promise<string | undefined> => {
    const text = texts.get(uri) ?? readText(uri, MAX_LENGTH);
    texts.set(uri, text);
    return text;
  };
  const buildFolders = (uri: string): Promise<readonly string[]> => {
    const folders = named.get(uri) ?? foldersOfBuild(uri, read);
    named.set(uri, folders);
    return folders;
  };
  return {
    buildFolders,
    follow: (uri, text) => {
      const asks = includers.asks(uri, text);
      const key = JSON.stringify([asks, ...includeLines(text).filter(isFollowed)]);
      const before = known.get(uri);
      if (before?.key === key) return before.headers;
      const isPart = asks ? includers.has(uri) : Promise.resolve(false);
      const headers =
        key === "[false]" ? Promise.resolve(noHeaders) : followAll(uri, text, { read, readings, isPart, buildFolders });
      known.set(uri, { key, headers });
      // What went wrong once may go right the next time.
      headers.catch(() => known.delete(uri));
      return headers;
    },
    forget: (uri) => {
      // Most files are no headers: what was never read is not forgotten, so asking costs nothing.
      if (uri !== undefined && !texts.has(uri)) return;
      if (uri === undefined) {
        texts.clear();
        named.clear();
        readings.clear();
        includers.forget();
      } else {
        texts.delete(uri);
      }
      known.clear();
    },
    leave: (uri) => {
      known.delete(uri);
      named.delete(uri);
    },
  };
}

type Read = (uri: string) => Promise<string | undefined>;

/** A header as it was read, and the macros that decided how. */
interface Reading {
  readonly text: string;
  readonly header: Header;
  readonly asked: ReadonlyMap<string, Define | undefined>;
}

/** In how many ways one header is kept. */
const MAX_READINGS = 8;

/** Most headers mean the same wherever they are included: then they are read once. */
function readOnce(uri: string, text: string, before: Headers, readings: Map<string, Reading[]>): Header {
  const known = readings.get(uri) ?? [];
  const same = known.find((reading) => {
    if (reading.text !== text) return false;
    // Only then is it known what was asked.
    readWhole(reading.header);
    return [...reading.asked].every(([name, define]) => before.defines.get(name) === define);
  });
  if (same !== undefined) return same.header;
  const asked = new Map<string, Define | undefined>();
  const get = (name: string): Define | undefined => {
    const define = before.defines.get(name);
    asked.set(name, define);
    return define;
  };
  const header = readHeader(uri, text, { get });
  readings.set(uri, [{ text, header, asked }, ...known].slice(0, MAX_READINGS));
  return header;
}

/** The kernel's types are followed where a person wrote them: what a program makes of them is too long to be read. */
function isFollowed(include: Pick<Include, "path" | "quoted">): boolean {
  return isWorthReading(include) || isKernelTypes(include);
}

interface Following {
  readonly read: Read;
  readonly readings: Map<string, Reading[]>;
  readonly isPart: Promise<boolean>;
  readonly buildFolders: HeaderFollower["buildFolders"];
}

async function followAll(
  uri: string,
  text: string,
  { read, readings, isPart, buildFolders }: Following,
): Promise<Headers> {
  const list: Header[] = [];
  const seen = new Set([uri]);
  // A header's own includes come before it, as they do for the compiler.
  const visit = async (from: string, content: string): Promise<void> => {
    const followed = includeLines(content).filter(isFollowed);
    // What is needed next is on its way while one is looked at.
    for (const { path } of followed.slice(0, MAX_HEADERS))
      read(normalized(`${parentOf(from)}/${encoded(path)}`)).catch(() => undefined);
    for (const include of followed) {
      if (seen.size > MAX_HEADERS) continue;
      const found = await locate(include.path, from, uri, { read, buildFolders }, seen);
      if (found === undefined) continue;
      seen.add(found.uri);
      if (isLibbpfCopy(found.text)) continue;
      await visit(found.uri, found.text);
      list.push(readOnce(found.uri, found.text, headersOf(list), readings));
    }
  };
  await visit(uri, text);
  return headersOf(list, await isPart);
}

/** Beside the file that includes it, beside the source, in a usual folder above the source, or where the build looks. */
async function locate(
  path: string,
  from: string,
  source: string,
  { read, buildFolders }: Pick<Following, "read" | "buildFolders">,
  seen: ReadonlySet<string>,
) {
  const tail = encoded(path);
  const beside = normalized(`${parentOf(from)}/${tail}`);
  // Found before: it has been read, or is being read and leads back to itself.
  if (seen.has(beside)) return undefined;
  const text = await read(beside);
  if (text !== undefined) return { uri: beside, text };
  // Most are beside what includes them. The others are looked for in all places at once: one after the other they would wait
  // for everything else that the server does meanwhile.
  const first = async (folders: readonly string[]) => {
    const others = folders.map((folder) => normalized(`${folder}/${tail}`));
    const texts = await Promise.all(others.map(read));
    const place = others.findIndex((uri, i) => texts[i] !== undefined || seen.has(uri));
    return place === -1 ? undefined : { uri: others[place] ?? "", text: texts[place] };
  };
  const found = (await first(foldersFor(source))) ?? (await first(await buildFolders(source)));
  return found?.text === undefined || seen.has(found.uri) ? undefined : { uri: found.uri, text: found.text };
}

/** The usual folders of headers for a source. */
export const foldersFor = remembered((source: string): readonly string[] => {
  const folders = new Set<string>();
  let folder = parentOf(source);
  for (let level = 0; level < MAX_LEVELS && folder.includes("://") && !folder.endsWith(":/"); level++) {
    for (const name of FOLDERS) folders.add(`${folder}/${name}`.replace(/\/$/, ""));
    folder = parentOf(folder);
  }
  return [...folders];
});
