// @ts-check
/** The TypeScript core, bundled for tools that run outside the tests. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Everything a core module exports. @param {string} path from the root */
export async function load(path) {
  const folder = await mkdtemp(join(tmpdir(), "hookpoint-core-"));
  try {
    const outfile = join(folder, "core.cjs");
    await build({
      absWorkingDir: root,
      entryPoints: [path],
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      logLevel: "error",
      alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function grammarBytes() {
  return {
    runtime: await readFile(require.resolve("web-tree-sitter/web-tree-sitter.wasm")),
    language: await readFile(require.resolve("tree-sitter-c/tree-sitter-c.wasm")),
  };
}
