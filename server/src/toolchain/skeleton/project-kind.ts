/** Which kind of skeleton a project needs: what its loader is written in decides. */

import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

export interface ProjectKind {
  readonly kind: "c" | "go" | "rust";
  /** The folder of `go.mod` or `Cargo.toml`; that of the source where there is none. */
  readonly folder: string;
}

const MARKS = [
  { kind: "go", file: "go.mod", says: /\bgithub\.com\/cilium\/ebpf\b/ },
  { kind: "rust", file: "Cargo.toml", says: /\blibbpf-(?:cargo|rs|sys)\b/ },
] as const;

/** The nearest such file at or above the source counts, as long as it is within `root`. */
export async function projectKind(source: string, root: string): Promise<ProjectKind> {
  for (const folder of foldersAbove(dirname(source), root)) {
    for (const { kind, file, says } of MARKS) {
      if (says.test(await textOf(join(folder, file)))) return { kind, folder };
    }
  }
  return { kind: "c", folder: dirname(source) };
}

/** A folder and those above it, up to and with `top`; itself alone where it does not lie in there. */
export function foldersAbove(folder: string, top: string): readonly string[] {
  if (relative(top, folder).startsWith("..")) return [folder];
  const found = [folder];
  for (let at = folder; at !== top && dirname(at) !== at; ) {
    at = dirname(at);
    found.push(at);
  }
  return found;
}

export async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
