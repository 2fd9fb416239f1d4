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
} from "./analysis/header.ts";
import type { Host } from "./host.ts";

/** Far above what BPF programs include, far below what would be felt. */
const MAX_HEADERS = 64;
const MAX_LENGTH = 512 * 1024;
/** How far above the source the folders of headers are looked for, and what those are called. */
const MAX_LEVELS = 8;
const FOLDERS = ["", "include/", "headers/", "lib/"];

export interface HeaderFollower {
  /** What the text at `uri` takes from its headers. The same object as before when nothing about them changed. */
  follow(uri: string, text: string): Promise<Headers>;
  /** Forgets what was read: all of it, or one header. */
  forget(uri?: string): void;
  /** Lets go of what a text takes from its headers: nobody asks about it any more. */
  leave(uri: string): void;
}

export function headerFollower({ readText }: Pick<Host, "readText">): HeaderFollower {
  const texts = new Map<string, Promise<string | undefined>>();
  const known = new Map<string, { readonly key: string; readonly headers: Promise<Headers> }>();
  const read = (uri: string): Promise<string | undefined> => {
    const text = texts.get(uri) ?? readText(uri, MAX_LENGTH);
    texts.set(uri, text);
    return text;
  };
  return {
    follow: (uri, text) => {
      const key = JSON.stringify(includeLines(text).filter(isFollowed));
      const before = known.get(uri);
      if (before?.key === key) return before.headers;
      const headers = key === "[]" ? Promise.resolve(noHeaders) : followAll(uri, text, read);
      known.set(uri, { key, headers });
      // What went wrong once may go right the next time.
      headers.catch(() => known.delete(uri));
      return headers;
    },
    forget: (uri) => {
      // Most files are no headers: what was never read is not forgotten, so asking costs nothing.
      if (uri !== undefined && !texts.has(uri)) return;
      if (uri === undefined) texts.clear();
      else texts.delete(uri);
      known.clear();
    },
    leave: (uri) => void known.delete(uri),
  };
}

type Read = (uri: string) => Promise<string | undefined>;

/** The kernel's types are followed where a person wrote them: what a program makes of them is too long to be read. */
function isFollowed(include: Pick<Include, "path" | "quoted">): boolean {
  return isWorthReading(include) || isKernelTypes(include);
}

async function followAll(uri: string, text: string, read: Read): Promise<Headers> {
  const list: Header[] = [];
  const seen = new Set([uri]);
  // A header's own includes come before it, as they do for the compiler.
  const visit = async (from: string, content: string): Promise<void> => {
    for (const include of includeLines(content)) {
      if (!isFollowed(include) || seen.size > MAX_HEADERS) continue;
      const found = await locate(include.path, from, uri, read, seen);
      if (found === undefined) continue;
      seen.add(found.uri);
      if (isLibbpfCopy(found.text)) continue;
      await visit(found.uri, found.text);
      list.push(readHeader(found.uri, found.text, headersOf(list)));
    }
  };
  await visit(uri, text);
  return headersOf(list);
}

/** Beside the file that includes it, beside the source, or in a usual folder above the source. */
async function locate(path: string, from: string, source: string, read: Read, seen: ReadonlySet<string>) {
  for (const folder of foldersFor(from, source)) {
    const uri = normalized(`${folder}/${encoded(path)}`);
    // Found before: it has been read, or is being read and leads back to itself.
    if (seen.has(uri)) return undefined;
    const text = await read(uri);
    if (text !== undefined) return { uri, text };
  }
  return undefined;
}

function foldersFor(from: string, source: string): ReadonlySet<string> {
  const folders = new Set([parentOf(from)]);
  let folder = parentOf(source);
  for (let level = 0; level < MAX_LEVELS && folder.includes("://") && !folder.endsWith(":/"); level++) {
    for (const name of FOLDERS) folders.add(`${folder}/${name}`.replace(/\/$/, ""));
    folder = parentOf(folder);
  }
  return folders;
}

function parentOf(uri: string): string {
  return uri.slice(0, Math.max(0, uri.lastIndexOf("/")));
}

/** A path as editors write it in a URI: `my header.h` is `my%20header.h`, and a `#` is part of a name. */
function encoded(path: string): string {
  const percent = (c: string): string => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return path
    .split("/")
    .map((part) => encodeURIComponent(part.replace(/\p{Surrogate}/gu, "\ufffd")).replace(/[!'()*]/g, percent))
    .join("/");
}

/** Without `.` and `..`. */
function normalized(uri: string): string {
  const root = uri.indexOf("://");
  const start = root === -1 ? 0 : uri.indexOf("/", root + 3) + 1;
  const parts: string[] = [];
  for (const part of uri.slice(start).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return uri.slice(0, start) + parts.join("/");
}
