// @ts-check
/** Builds everything that ships into dist/: `build.mjs [--watch]`. */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire, isBuiltin } from "node:module";
import { basename, dirname, join } from "node:path";
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

/** What dist/ holds at the end, and nothing else. @type {Map<string, string | Uint8Array>} */
const made = new Map();
for (const name of ["web-tree-sitter/web-tree-sitter.wasm", "tree-sitter-c/tree-sitter-c.wasm"])
  made.set(join(dist, basename(name)), await readFile(require.resolve(name)));
// What loads programs is compiled where it is used.
const agent = join(root, "server/src/toolchain/agent");
for (const name of await readdir(agent))
  if (!name.endsWith(".ts")) made.set(join(dist, "agent", name), await readFile(join(agent, name)));
made.set(join(dist, "knowledge.json"), knowledgeText(buildKnowledge(join(root, "data"))));

const contexts = await Promise.all(bundles.map((options) => context({ ...options, write: watch })));
if (watch) {
  await rm(dist, { recursive: true, force: true });
  await put();
  await buildStarts("", {});
  await Promise.all(contexts.map((bundle) => bundle.watch()));
} else {
  const built = await Promise.all(contexts.map((bundle) => bundle.rebuild()));
  await Promise.all(contexts.map((bundle) => bundle.dispose()));
  for (const { path, contents } of built.flatMap(({ outputFiles }) => outputFiles ?? [])) made.set(path, contents);
  const hash = createHash("sha256");
  /** @type {Record<string, readonly string[]>} */
  const asked = {};
  for (const name of ["node", "cli"]) {
    const path = `dist/server/${name}-main.js`;
    hash.update(made.get(join(root, path)) ?? "");
    asked[name] = built.flatMap(({ metafile }) => (metafile?.outputs[path] ? askedOfNode(metafile, path) : []));
  }
  await buildStarts(hash.digest("hex").slice(0, 16), asked);
  await put();
  await removeOthers();
}

/** Each file is replaced in one go: whoever runs what is in dist/ meanwhile finds the old one or the new one. */
async function put() {
  for (const [path, contents] of made) {
    await mkdir(dirname(path), { recursive: true });
    const half = `${path}.${process.pid}`;
    await writeFile(half, contents);
    await rename(half, path);
  }
}

/** What an earlier build has left; a name with a number behind it is what another build is writing now. */
async function removeOthers() {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !made.has(path) && !/\.\d+$/.test(path)) await rm(path, { force: true });
  }
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
  const define = { HOOKPOINT_BUILD: JSON.stringify(id), HOOKPOINT_ASKED: JSON.stringify(asked) };
  const banner = { js: "#!/usr/bin/env node" };
  for (const [name, more] of Object.entries({ node: {}, cli: { banner } })) {
    const entryPoints = [`server/src/start/${name}.ts`];
    const options = { ...node, ...more, define, entryPoints, outfile: `dist/server/${name}.js`, write: watch };
    for (const { path, contents } of (await build(options)).outputFiles ?? []) made.set(path, contents);
  }
}
