// @ts-check
/** Runs TypeScript of ours in a tool: bundles a module and imports what it exports. */

import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require = createRequire(import.meta.url);

/** Everything a module exports. @param {string} path from the root */
export async function load(path) {
  const folder = await mkdtemp(join(tmpdir(), "hookpoint-load-"));
  try {
    const outfile = join(folder, "module.cjs");
    await build({
      absWorkingDir: root,
      entryPoints: [path],
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      logLevel: "error",
      // The ESM build of web-tree-sitter looks for its own URL, which a bundle does not have.
      alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
