// @ts-check
/**
 * Renames all that can be renamed in real programs at once, and compiles them again: `renames.mjs --root DIR [--flag=FLAG]… PATH…`.
 *
 * Each C file below the paths is looked at that clang compiles as it is; headers below the root are renamed with it, in a copy.
 * `--flag` goes to clang, with ROOT for the root: `--flag=-D__TARGET_ARCH_x86 --flag=-IROOT/headers`. Needs clang. The exit code
 * is 1 where a program no longer compiles.
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { findClang } from "../vscode/process.mjs";
import { loadCore, sourcesOf } from "./corpus.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { root: { type: "string" }, flag: { type: "string", multiple: true } },
});
const clang = findClang();
if (options.root === undefined || positionals.length === 0 || clang === undefined) {
  console.error(clang === undefined ? "no clang" : "usage: renames.mjs --root DIR [--flag=FLAG]… PATH…");
  process.exit(2);
}
const root = resolve(options.root);

const core = await loadCore();
/** Whose the names are that stand nowhere makes no difference here. */
const nobody = { helper: () => undefined, kfunc: () => undefined, macro: () => undefined };
const place = { kb: nobody, isOurs: (/** @type {string} */ uri) => fileURLToPath(uri).startsWith(`${root}/`) };
const copy = mkdtempSync(join(tmpdir(), "hookpoint renames-"));
const counts = { files: 0, left: 0, things: 0, places: 0, broken: 0 };
try {
  cpSync(root, copy, { recursive: true, filter: (path) => !path.endsWith("/.git") });
  const sources = await sourcesOf(
    core,
    positionals.map((path) => resolve(path)),
  );
  for (const source of sources.filter(({ path }) => path.endsWith(".c"))) await look(source);
} finally {
  rmSync(copy, { recursive: true });
}
console.log(
  `${counts.files} programs compiled, ${counts.left} left out; ${counts.things} things renamed in ${counts.places} places; ${counts.broken} no longer compile`,
);
process.exitCode = counts.broken > 0 ? 1 : 0;

/** @param {{ path: string, text: string }} source */
async function look(source) {
  if (compile(source.path, root) !== "") {
    counts.left++;
    return;
  }
  counts.files++;
  const { model, lines, tree } = core.build(source.text, { headers: await core.headersOf(source) });
  tree.dispose();
  const uri = pathToFileURL(source.path).href;
  const edits = editsOf({ uri, text: source.text, lines, model });
  const texts = new Map([[uri, source.text]]);
  for (const { uri: header, lowered } of model.headers) texts.set(header, lowered.source);
  for (const [changed, list] of edits) write(changed, core.applyEdits(texts.get(changed) ?? "", list));
  const said = compile(inCopy(uri), copy);
  if (said !== "") {
    counts.broken++;
    console.log(`${source.path}:\n${said.split("\n").slice(0, 8).join("\n")}`);
  }
  for (const changed of edits.keys()) write(changed, texts.get(changed) ?? "");
}

/** Every thing of a file under a name that nobody has, by the files that are changed. @param {any} file */
function editsOf(file) {
  /** @type {Map<string, any[]>} */
  const edits = new Map();
  const done = new Set();
  for (const { index } of file.text.matchAll(/[A-Za-z_]\w*/g)) {
    const asked = core.prepareRename(file, file.lines.positionAt(index), place);
    if ("problem" in asked) continue;
    const { name, space, local } = asked.named;
    const key = local ?? `${space} ${name}`;
    if (done.has(key)) continue;
    done.add(key);
    const made = core.rename([file], asked.named, `renamed${done.size}_${name}`, { annotates: false });
    if ("problem" in made) continue;
    counts.things++;
    for (const [uri, list] of Object.entries(made.edit.changes ?? {})) {
      edits.set(uri, [...(edits.get(uri) ?? []), ...list]);
      counts.places += list.length;
    }
  }
  return edits;
}

/** @param {string} uri */
function inCopy(uri) {
  return join(copy, relative(root, fileURLToPath(uri)));
}

/** @param {string} uri @param {string} text */
function write(uri, text) {
  writeFileSync(inCopy(uri), text);
}

/** What clang says; empty where it compiles. @param {string} file @param {string} from */
function compile(file, from) {
  const flags = (options.flag ?? []).map((flag) => flag.replaceAll("ROOT", from));
  const args = ["--target=bpf", "-fsyntax-only", "-w", "-g", "-O2", ...flags, file];
  const { status, stderr } = spawnSync(clang ?? "clang", args, { encoding: "utf8", cwd: dirname(file) });
  return status === 0 ? "" : stderr || "clang failed";
}
