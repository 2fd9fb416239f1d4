/** Node's side of the hosts: the files of this installation and of the user. */

import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import type { Host } from "./host.ts";

declare const HOOKPOINT_VERSION: string;

export const version: string = HOOKPOINT_VERSION;

/**
 * V8 begins to optimise, wasm and JavaScript, while the first file is read, on the core that reads it. On texts as short as
 * source files that costs more than it ever gives back; it may begin later.
 */
export function optimiseLater(): void {
  setFlagsFromString("--wasm-tiering-budget=2147483647");
  // Newer engines have a quicker compiler in between, and no such flag.
  if (Number.parseInt(process.versions.v8, 10) < 12) setFlagsFromString("--interrupt-budget=400000");
}

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
    loadKnowledge: async () => JSON.parse(await readFile(join(dist, "knowledge.json"), "utf8")),
    readText: async (uri, limit) => {
      if (limit !== undefined && !(await isWithin(uri, limit))) return undefined;
      const bytes = await readBytes(uri);
      // A byte order mark is no part of the text: editors hide it, and JSON does not know it.
      return bytes && new TextDecoder().decode(bytes);
    },
    readBytes,
  };
}

async function isWithin(uri: string, limit: number): Promise<boolean> {
  if (!uri.startsWith("file:")) return false;
  return stat(fileURLToPath(uri)).then(
    ({ size }) => size <= limit,
    () => false,
  );
}

async function readBytes(uri: string): Promise<Uint8Array | undefined> {
  if (!uri.startsWith("file:")) return undefined;
  try {
    return await readFile(fileURLToPath(uri));
  } catch {
    return undefined;
  }
}
