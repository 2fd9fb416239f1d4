/** Node's side of the hosts: the files of this installation and of the user. */

import { isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type KnowledgeText, readKnowledge } from "./analysis/knowledge/read.ts";
import { readFile, readFolder, realPath, sizeOf } from "./disk.ts";
import type { Host } from "./host.ts";
import { encoded } from "./uris.ts";

declare const HOOKPOINT_VERSION: string;

export const version: string = HOOKPOINT_VERSION;

/** `dist` is the folder that holds the grammar and the knowledge base. */
export function nodeHost(dist: string): Host {
  return {
    pid: process.pid,
    version,
    // A timer would wait a millisecond, which is a good part of a key.
    later: (work) => void setImmediate(work),
    loadGrammar: async () => {
      const [runtime, language] = await Promise.all([
        readFile(join(dist, "web-tree-sitter.wasm")),
        readFile(join(dist, "tree-sitter-c.wasm")),
      ]);
      return { runtime, language };
    },
    loadKnowledge: async () => readKnowledge(await knowledgeOf(dist)),
    readText: async (uri, limit) => {
      const bytes = await readBytes(uri, limit);
      // A byte order mark is no part of the text: editors hide it, and JSON does not know it.
      return bytes && new TextDecoder().decode(bytes);
    },
    readBytes: (uri) => readBytes(uri),
    isFile: async (uri) => {
      const path = pathOf(uri);
      return path !== undefined && sizeOf(path) !== undefined;
    },
    listFiles,
    clearAway,
  };
}

/** It is ASCII, and most of it is not asked for: all of it as one string would take longer to make than to look for what is. */
async function knowledgeOf(dist: string): Promise<KnowledgeText> {
  const bytes = await readFile(join(dist, "knowledge.json"));
  return {
    length: bytes.length,
    indexOf: (text, from) => bytes.indexOf(text, from, "latin1"),
    slice: (start, end) => bytes.toString("latin1", start, end),
  };
}

/** A flag on the command line would make each start longer: Node has kept its own modules for those that it is built with. */
function clearAway(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  setFlagsFromString("--no-expose-gc");
  // An engine may have been built without it.
  if (typeof collect === "function") collect({ type: "minor" });
}

async function readBytes(uri: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
  const path = pathOf(uri);
  if (path === undefined) return undefined;
  try {
    const size = sizeOf(path);
    return size === undefined || size > limit ? undefined : await readFile(path);
  } catch {
    // Where nobody may look.
    return undefined;
  }
}

/** Undefined for what is no file of this machine: another's, or one with a slash in its name. */
function pathOf(uri: string): string | undefined {
  if (!uri.startsWith("file:")) return undefined;
  // A header is looked for in dozens of folders.
  if (sep === "/" && PLAIN.test(uri)) return uri.slice("file://".length);
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** Where nothing is escaped, and no name begins with two dots or is one. */
const PLAIN = /^file:\/\/\/(?!.*\/\.(?:\.|\/|$))[\w./+@~-]*$/;

/** Whether a link leads to another file that is listed. */
function isListed(link: string, root: string, endings: readonly string[]): boolean {
  const target = realPath(link);
  const inside = target === undefined ? ".." : relative(realPath(root) ?? root, target);
  const folders = inside.split(sep).slice(0, -1);
  const isLookedInto = folders.every((name) => name !== NEVER && !name.startsWith("."));
  return !isAbsolute(inside) && !inside.startsWith("..") && isLookedInto && endings.some((one) => inside.endsWith(one));
}

/** Packages of others; what begins with a dot is left out as well. */
const NEVER = "node_modules";
/** Folders are read in place, so after this many what has arrived meanwhile has its turn. */
const FOLDERS_A_TURN = 8;

async function listFiles(
  folder: string,
  endings: readonly string[],
  limit: number,
  { isDeep } = { isDeep: true },
): Promise<readonly string[]> {
  const root = pathOf(folder);
  if (root === undefined) return [];
  const found: string[] = [];
  // Beside each its URI, which goes on from that of the folder: a file must have the same one as in the editor.
  const waiting = [[root, folder.replace(/\/$/, "")] as const];
  for (let turn = 1; ; turn++) {
    const next = waiting.pop();
    if (next === undefined) break;
    const [path, uri] = next;
    for (const entry of await readFolder(path).catch(() => [])) {
      // Links to folders are not gone into: they may lead back.
      if (isDeep && entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== NEVER)
        waiting.push([join(path, entry.name), `${uri}/${encoded(entry.name)}`]);
      if (entry.isDirectory() || !endings.some((ending) => entry.name.endsWith(ending))) continue;
      // What is listed under its own name would be found, and edited, twice.
      if (entry.isSymbolicLink() && isListed(join(path, entry.name), root, endings)) continue;
      if (found.length >= limit) return found;
      found.push(`${uri}/${encoded(entry.name)}`);
    }
    if (turn % FOLDERS_A_TURN === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return found;
}
