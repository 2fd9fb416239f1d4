/** Where a program of a name lies, as a shell would find it; whether it is there at all is asked without starting anything. */

import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve, sep } from "node:path";

/** Where tools for root lie, which the path of a person often lacks. */
const MORE_FOLDERS = process.platform === "win32" ? [] : ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** The paths of all programs of that name, the first wins; a name with a slash means itself, beside `cwd`. */
export async function lookUp(name: string, cwd: string): Promise<readonly string[]> {
  const named = name.includes("/") || name.includes(sep);
  const folders = named ? [] : [...(process.env["PATH"] ?? "").split(delimiter), ...MORE_FOLDERS];
  // An empty or relative part would mean the folder that is worked in: what lies there must not be run by accident.
  const paths = named
    ? [resolve(cwd, name)]
    : (await distinct(folders.filter((folder) => isAbsolute(folder)))).map((folder) => join(folder, name));
  const found = await Promise.all(
    paths.flatMap(withExtensions).map(async (path) => ((await isProgram(path)) ? [path] : [])),
  );
  return found.flat();
}

/** Many systems have one folder under two names, /bin and /usr/bin: a program there is one program. */
async function distinct(folders: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return folders.filter((_, n) => real.indexOf(real[n] ?? "") === n);
}

function withExtensions(path: string): readonly string[] {
  if (process.platform !== "win32") return [path];
  const extensions = (process.env["PATHEXT"] ?? ".EXE").split(";");
  return [path, ...extensions.map((extension) => `${path}${extension.toLowerCase()}`)];
}

async function isProgram(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
