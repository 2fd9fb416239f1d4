/** Where the files are that a source includes: beside it, in a usual folder above it, where its build looks, or among the system's. */

import type { Include } from "./analysis/header.ts";
import { foldersFor, type HeaderFollower } from "./headers.ts";
import type { Host } from "./host.ts";
import { encoded, normalized, parentOf } from "./uris.ts";

/** Where Linux and Homebrew keep headers. Of the kernel's those of one architecture are as good as those of another. */
const SYSTEM = [
  "/usr/include",
  "/usr/local/include",
  "/usr/include/x86_64-linux-gnu",
  "/usr/include/aarch64-linux-gnu",
  "/opt/homebrew/include",
].map((folder) => `file://${folder}`);

/** By what is written between the quotes or brackets. */
export async function includeTargets(
  uri: string,
  includes: readonly Pick<Include, "path">[],
  { isFile, buildFolders }: Pick<Host, "isFile"> & Pick<HeaderFollower, "buildFolders">,
): Promise<ReadonlyMap<string, string>> {
  const folders = [
    parentOf(uri),
    ...foldersFor(uri),
    ...(await buildFolders(uri)),
    ...(uri.startsWith("file:") ? SYSTEM : []),
  ];
  const found = new Map<string, string>();
  for (const { path } of includes) {
    for (const folder of folders) {
      const place = normalized(`${folder}/${encoded(path)}`);
      if (!(await isFile(place))) continue;
      found.set(path, place);
      break;
    }
  }
  return found;
}
