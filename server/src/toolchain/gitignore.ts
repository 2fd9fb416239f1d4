/** Generated files in .gitignore. */

import { readFile, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { writeWhole } from "./write.ts";

/** The .gitignore that the file's line would go into; undefined where there is no repository or it is ignored as it is. */
export async function ignoreFileFor(path: string): Promise<string | undefined> {
  const top = await repositoryOf(dirname(path));
  if (top === undefined) return undefined;
  const file = join(top, ".gitignore");
  const lines = (await textOf(file)).split(/\r?\n/).map((line) => line.replace(/(?<!\\) +$/, ""));
  const inside = relative(top, path).split(sep);
  const known = inside.map((_, n) => inside.slice(0, n + 1).join("/")).flatMap(ways);
  const name = escaped(inside.at(-1) ?? "");
  return lines.some((line) => line === name || line === `**/${name}` || known.includes(line)) ? undefined : file;
}

/** @returns whether a line was added */
export async function addToIgnored(path: string): Promise<boolean> {
  const file = await ignoreFileFor(path);
  if (file === undefined) return false;
  const text = await textOf(file);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const gap = text === "" || text.endsWith("\n") ? "" : newline;
  const line = `/${escaped(relative(dirname(file), path).split(sep).join("/"))}`;
  await writeWhole(file, `${text}${gap}${line}${newline}`);
  return true;
}

/** How people name a file, or a folder that it lies in. */
function ways(path: string): readonly string[] {
  const plain = escaped(path);
  return [plain, `/${plain}`, `${plain}/`, `/${plain}/`, `/${plain}/*`];
}

/** What git would take for a pattern. */
function escaped(path: string): string {
  return path
    .replaceAll(/[\\*?[\]]/g, "\\$&")
    .replace(/^[!#]/, "\\$&")
    .replace(/ +$/, (spaces) => "\\ ".repeat(spaces.length));
}

async function repositoryOf(folder: string): Promise<string | undefined> {
  const isThere = await stat(join(folder, ".git")).then(
    () => true,
    () => false,
  );
  if (isThere) return folder;
  return dirname(folder) === folder ? undefined : repositoryOf(dirname(folder));
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}
