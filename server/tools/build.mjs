// @ts-check
/** Builds everything that ships into dist/: `build.mjs [--watch] [--meta]`. */

import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";
import { buildKnowledge, knowledgeText } from "../../data/tools/build.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const dist = join(root, "dist");
const watch = process.argv.includes("--watch");
const require = createRequire(import.meta.url);
const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));

/** @type {import("esbuild").BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  minify: !watch,
  sourcemap: watch ? "linked" : false,
  legalComments: "none",
  // Read as such when it is started: it takes a quarter of the time.
  charset: "ascii",
  logLevel: "info",
  define: { HOOKPOINT_VERSION: JSON.stringify(version) },
  // The ESM build of web-tree-sitter looks for its own URL, which a bundle does not have.
  alias: { "web-tree-sitter": require.resolve("web-tree-sitter") },
};

/** @type {import("esbuild").BuildOptions} */
const node = {
  ...shared,
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  // A bundle that is run with kept code has nobody to ask for modules but `require`.
  supported: { "dynamic-import": false },
  metafile: true,
};
/** @type {import("esbuild").BuildOptions} */
const browser = {
  ...shared,
  platform: "browser",
  target: "es2022",
  // web-tree-sitter asks for these only when it runs on Node.
  external: ["fs", "fs/promises", "path", "module", "url", "vscode"],
};

/**
 * The packages of the protocol load what only a few of their functions use, none of which a start calls.
 * @type {import("esbuild").Plugin}
 */
const lazyNode = {
  name: "modules of Node that are loaded when they are used",
  setup(bundle) {
    bundle.onResolve({ filter: /^(?:crypto|child_process)$/ }, ({ path, importer }) =>
      /\bnode_modules\b/.test(importer) ? { path, namespace: "lazy-node" } : undefined,
    );
    bundle.onResolve({ filter: /^node:/, namespace: "lazy-node" }, ({ path }) => ({ path, external: true }));
    bundle.onLoad({ filter: /./, namespace: "lazy-node" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require("node:${path}")[name] });`,
    }));
  },
};

/** @type {import("esbuild").BuildOptions[]} */
const bundles = [
  { ...node, entryPoints: ["server/src/node.ts"], outfile: "dist/server/node-main.js", plugins: [lazyNode] },
  // What runs tools is loaded when a tool is asked for: checking a file must not pay for it.
  { ...node, entryPoints: ["server/src/cli.ts"], outfile: "dist/server/cli-main.js", external: ["./tools.js"] },
  { ...node, entryPoints: ["server/src/tools.ts"], outfile: "dist/server/tools.js" },
  { ...browser, entryPoints: ["server/src/browser.ts"], outfile: "dist/server/browser.js", format: "iife" },
  {
    ...node,
    entryPoints: ["client/src/extension.ts", "client/src/session.ts", "client/src/tools.ts"],
    outdir: "dist/client",
    // The session, with the language client in it, is loaded when the first BPF file appears; the tools with the first command.
    external: ["vscode", "./session.js", "./tools.js"],
  },
  { ...browser, entryPoints: ["client/src/extension.web.ts"], outfile: "dist/client/extension.web.js" },
];

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await copyFile(require.resolve("web-tree-sitter/web-tree-sitter.wasm"), join(dist, "web-tree-sitter.wasm"));
await copyFile(require.resolve("tree-sitter-c/tree-sitter-c.wasm"), join(dist, "tree-sitter-c.wasm"));
// What loads programs is compiled where it is used.
await cp(join(root, "server/src/toolchain/agent"), join(dist, "agent"), {
  recursive: true,
  filter: (path) => !path.endsWith(".ts"),
});
await writeFile(join(dist, "knowledge.json"), knowledgeText(buildKnowledge(join(root, "data"))));

const contexts = await Promise.all(bundles.map((options) => context(options)));
if (watch) {
  await buildStarts("", {});
  await Promise.all(contexts.map((bundle) => bundle.watch()));
} else {
  const built = await Promise.all(contexts.map((bundle) => bundle.rebuild()));
  await Promise.all(contexts.map((bundle) => bundle.dispose()));
  const hash = createHash("sha256");
  /** @type {Record<string, readonly string[]>} */
  const asked = {};
  for (const name of ["node", "cli"]) {
    const path = `dist/server/${name}-main.js`;
    hash.update(await readFile(join(root, path)));
    asked[name] = built.flatMap(({ metafile }) => (metafile?.outputs[path] ? askedOfNode(metafile, path) : []));
  }
  await buildStarts(hash.digest("hex").slice(0, 16), asked);
}

/**
 * The modules of Node that a bundle asks for as it loads.
 * @param {import("esbuild").Metafile} metafile
 * @param {string} path of the bundle
 */
function askedOfNode({ inputs, outputs }, path) {
  const files = Object.keys(outputs[path]?.inputs ?? {}).filter((input) => !input.startsWith("lazy-node:"));
  const imports = files.flatMap((input) => inputs[input]?.imports ?? []).filter((one) => one.external === true);
  const asked = imports.filter((one) => one.kind !== "dynamic-import" && isBuiltin(one.path));
  return [...new Set(asked.map((one) => one.path.replace("node:", "")))];
}

/**
 * What runs the bundles for Node.
 * @param {string} id by which compiled code is kept; none is when it is empty
 * @param {Readonly<Record<string, readonly string[]>>} asked which modules of Node each bundle asks for
 */
async function buildStarts(id, asked) {
  const options = { ...node, define: { HOOKPOINT_BUILD: JSON.stringify(id), HOOKPOINT_ASKED: JSON.stringify(asked) } };
  await build({ ...options, entryPoints: ["server/src/start/node.ts"], outfile: "dist/server/node.js" });
  const banner = { js: "#!/usr/bin/env node" };
  await build({ ...options, entryPoints: ["server/src/start/cli.ts"], outfile: "dist/server/cli.js", banner });
}
