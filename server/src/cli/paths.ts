/** Which files are meant by what the command line names: files, folders, patterns; ignore files count in folders. */

import { type Dirent, realpathSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import picomatch from "picomatch";
import { readFile, readFolder, readHead, stat } from "../disk.ts";
import { isBpfSource } from "../protocol.ts";
import { BadUse } from "./source.ts";

/** Lists of what is none of our business, in git's own words. */
const IGNORE_FILES = [".gitignore", ".ignore", ".hookpointignore"];
const NEVER = new Set([".git", ".hg", ".svn", "node_modules"]);

export interface FoundFiles {
  readonly files: readonly string[];
  /** Sentences about what could not be looked at. */
  readonly problems: readonly string[];
}

/** A file that is named is taken as it is; in folders only the C files with BPF in them count. */
export async function findFiles(names: readonly string[]): Promise<FoundFiles> {
  const files = new Set<string>();
  const problems: string[] = [];
  for (const name of names) {
    if (await isThere(name)) for (const file of await filesOf(name, problems)) files.add(file);
    else if (isPattern(name)) for (const file of await matching(name, problems)) files.add(file);
    // Whoever reads it tells what is wrong with it.
    else files.add(name);
  }
  return { files: [...files], problems };
}

async function isThere(name: string): Promise<boolean> {
  return stat(name).then(
    () => true,
    () => false,
  );
}

function isPattern(name: string): boolean {
  return picomatch.scan(name).isGlob;
}

async function matching(pattern: string, problems: string[]): Promise<readonly string[]> {
  const plain = pattern.replaceAll(sep, "/").replace(/^\.\//, "");
  const { base } = picomatch.scan(plain);
  if (!(await isThere(base || "."))) throw new BadUse(`${pattern}: there is no folder "${base}".`);
  const fits = picomatch(plain);
  const found: string[] = [];
  const wanted = (path: string): Promise<boolean> => Promise.resolve(fits(path.replaceAll(sep, "/")));
  await walk({ folder: base, above: [], rules: [], wanted, found, problems });
  if (found.length === 0) problems.push(`${pattern}: no file matches`);
  return found;
}

async function filesOf(name: string, problems: string[]): Promise<readonly string[]> {
  if (!(await stat(name)).isDirectory()) return [name];
  const found: string[] = [];
  await walk({ folder: name, above: [], rules: [], wanted: holdsBpf, found, problems });
  if (found.length === 0) problems.push(`${name}: holds no C file with BPF programs in it`);
  return found;
}

interface Walk {
  /** Empty for the folder where we are. */
  readonly folder: string;
  /** The real folders that led here. */
  readonly above: readonly string[];
  readonly rules: readonly IgnoreRules[];
  readonly wanted: (path: string) => Promise<boolean>;
  readonly found: string[];
  readonly problems: string[];
}

interface IgnoreRules {
  readonly folder: string;
  readonly ignores: Ignore;
}

async function walk(at: Walk): Promise<void> {
  const { folder, above, wanted, found, problems } = at;
  const here = realpathSync(folder || ".");
  if (above.includes(here)) {
    problems.push(`${folder}: is a link back to a folder that holds it`);
    return;
  }
  const entries = await readFolder(folder || ".").catch(() => undefined);
  if (entries === undefined) {
    problems.push(`${folder}: cannot be read`);
    return;
  }
  const rules = [...at.rules, ...(await ignoreRules(folder, entries))];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const kind = await kindOf(entry, path);
    if (kind === "other" || NEVER.has(entry.name) || isIgnored(path, kind, rules)) continue;
    if (kind === "folder") await walk({ ...at, folder: path, above: [...above, here], rules });
    else if (await wanted(path)) found.push(path);
  }
}

async function kindOf(entry: Dirent, path: string): Promise<"file" | "folder" | "other"> {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  const target = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : undefined;
  return target?.isDirectory() ? "folder" : target?.isFile() ? "file" : "other";
}

async function ignoreRules(folder: string, entries: readonly Dirent[]): Promise<readonly IgnoreRules[]> {
  const names = IGNORE_FILES.filter((name) => entries.some((entry) => entry.name === name && entry.isFile()));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  return texts.length === 0 ? [] : [{ folder, ignores: ignore().add(texts.join("\n")) }];
}

function isIgnored(path: string, kind: "file" | "folder", rules: readonly IgnoreRules[]): boolean {
  return rules.some(({ folder, ignores }) => {
    const inside = relative(folder || ".", path).replaceAll(sep, "/");
    return ignores.ignores(kind === "folder" ? `${inside}/` : inside);
  });
}

/** Enough to see the includes and the first sections. */
const HEAD_BYTES = 64 * 1024;
/** One for all files, which are looked at one after the other. */
const head = Buffer.alloc(HEAD_BYTES);

async function holdsBpf(path: string): Promise<boolean> {
  if (!path.endsWith(".c")) return false;
  if (basename(path).endsWith(".bpf.c")) return true;
  // Whoever reads it tells what is wrong with it.
  const text = await readHead(path, head).catch(() => undefined);
  return text === undefined || isBpfSource(path, text.toString("latin1"));
}
