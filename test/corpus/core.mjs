// @ts-check
/** The wasm files that the core is given when it runs outside the server. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export async function grammarBytes() {
  return {
    runtime: await readFile(require.resolve("web-tree-sitter/web-tree-sitter.wasm")),
    language: await readFile(require.resolve("tree-sitter-c/tree-sitter-c.wasm")),
  };
}
