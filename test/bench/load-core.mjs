// @ts-check
/** The TypeScript core of the server, bundled and loaded into this process as the server itself loads it. */

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../vscode/process.mjs";

const require = createRequire(import.meta.url);

const ENTRY = `
export { buildModel } from "./server/src/analysis/model.ts";
export { lower } from "./server/src/analysis/syntax/dialect.ts";
export { findingsOf, loadCore } from "./server/src/core.ts";
export { hover } from "./server/src/features/hover.ts";
export { nodeHost } from "./server/src/files.ts";
export { optimiseLater } from "./server/src/start/start.ts";
export { readSettings } from "./server/src/settings.ts";
export { Language, Parser } from "web-tree-sitter";
`;

/**
 * @typedef {Pick<typeof import("../../server/src/analysis/model.ts"), "buildModel">
 *   & Pick<typeof import("../../server/src/analysis/syntax/dialect.ts"), "lower">
 *   & Pick<typeof import("../../server/src/core.ts"), "findingsOf" | "loadCore">
 *   & Pick<typeof import("../../server/src/features/hover.ts"), "hover">
 *   & Pick<typeof import("../../server/src/files.ts"), "nodeHost">
 *   & Pick<typeof import("../../server/src/start/start.ts"), "optimiseLater">
 *   & Pick<typeof import("../../server/src/settings.ts"), "readSettings">
 *   & Pick<typeof import("web-tree-sitter"), "Language" | "Parser">} CoreModule
 */

/** @returns {Promise<CoreModule>} */
export async function loadCoreModule() {
  const folder = mkdtempSync(join(tmpdir(), "hookpoint-core-"));
  try {
    const outfile = join(folder, "core.cjs");
    await build({
      absWorkingDir: root,
      stdin: { contents: ENTRY, resolveDir: root, sourcefile: "bench-entry.ts", loader: "ts" },
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "node20",
      minify: true,
      logLevel: "error",
      define: { HOOKPOINT_VERSION: '"bench"', HOOKPOINT_BUILD: '""', HOOKPOINT_ASKED: "{}" },
      // The ESM build of web-tree-sitter looks for its own URL, which a bundle does not have.
      alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
    });
    return require(outfile);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The C library's own Node package, or undefined where it was not built.
 * @returns {{ Parser: typeof import("tree-sitter"), language: import("tree-sitter").Language } | undefined}
 */
export function loadNative() {
  try {
    return { Parser: require("tree-sitter"), language: require("tree-sitter-c") };
  } catch {
    return undefined;
  }
}
