/** Node's side of the hosts: the files of this installation and of the user. */

import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { readKnowledge } from "./analysis/knowledge/read.ts";
import { readFile, readFolder, sizeOf } from "./disk.ts";
import type { Host } from "./host.ts";

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
    loadKnowledge: async () => readKnowledge(await readFile(join(dist, "knowledge.json"), "latin1")),
    readText: async (uri, limit) => {
      const bytes = await readBytes(uri, limit);
      // A byte order mark is no part of the text: editors hide it, and JSON does not know it.
      return bytes && new TextDecoder().decode(bytes);
    },
    readBytes: (uri) => readBytes(uri),
    isFile: async (uri) => uri.startsWith("file:") && sizeOf(fileURLToPath(uri)) !== undefined,
    listFiles,
  };
}

async function readBytes(uri: string, limit = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
  if (!uri.startsWith("file:")) return undefined;
  try {
    const path = fileURLToPath(uri);
    const size = sizeOf(path);
    return size === undefined || size > limit ? undefined : await readFile(path);
  } catch {
    // Below a file, or where nobody may look.
    return undefined;
  }
}

/** Packages of others; what begins with a dot is left out as well. */
const NEVER = "node_modules";
/** Folders are read in place, so after this many what has arrived meanwhile has its turn. */
const FOLDERS_A_TURN = 8;

async function listFiles(folder: string, endings: readonly string[], limit: number): Promise<readonly string[]> {
  if (!folder.startsWith("file:")) return [];
  const found: string[] = [];
  const waiting = [fileURLToPath(folder)];
  for (let turn = 1; waiting.length > 0; turn++) {
    const path = waiting.pop() ?? "";
    for (const entry of await readFolder(path).catch(() => [])) {
      // Links to folders are not gone into: they may lead back.
      if (entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== NEVER)
        waiting.push(join(path, entry.name));
      if (entry.isDirectory() || !endings.some((ending) => entry.name.endsWith(ending))) continue;
      if (found.length >= limit) return found;
      found.push(pathToFileURL(join(path, entry.name)).href);
    }
    if (turn % FOLDERS_A_TURN === 0) await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return found;
}
