/** The cgroups of version 2 on this machine, to which programs can be attached. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { mountedAt } from "./kernel.ts";

/** More than these nobody looks through. */
const MOST = 200;
const DEEPEST = 3;

/** Their folders, the root first; none where version 2 is mounted nowhere. */
export async function cgroupFolders(mounts = "/proc/self/mounts"): Promise<readonly string[]> {
  const root = mountedAt(await readFile(mounts, "utf8").catch(() => ""), "cgroup2");
  if (root === undefined) return [];
  const found = [root];
  let level = [root];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const below = await Promise.all(level.map(foldersIn));
    level = below.flat();
    found.push(...level);
  }
  return found.slice(0, MOST);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort();
}
