/** Where vmlinux.h belongs, and whether what is there may be replaced. */

import { lstat, open } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Work } from "./choices.ts";
import { findVmlinux, VMLINUX } from "./vmlinux-header.ts";

/** Where the sources find it already; else beside them, or in the folder that they share. */
export async function vmlinuxPlace(sources: readonly string[], work: Work): Promise<string> {
  const folder = sharedFolder(sources, work.root);
  for (const from of new Set([...sources.map((source) => dirname(source)), folder])) {
    const found = await findVmlinux(from, work);
    if (found !== undefined) return found;
  }
  return join(folder, VMLINUX);
}

function sharedFolder(sources: readonly string[], root: string): string {
  const [first, ...others] = sources.map((source) => dirname(resolve(root, source)));
  if (first === undefined) return root;
  let shared = first;
  for (const other of others) {
    while (isOutside(shared, other) && dirname(shared) !== shared) shared = dirname(shared);
  }
  return shared;
}

function isOutside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside === ".." || inside.startsWith(`..${sep}`);
}

export type Existing = "nothing" | "generated" | "foreign";

/** What bpftool has made can be made again; a link was put there by somebody, who may want it to stay. */
export async function existing(path: string): Promise<Existing> {
  const info = await lstat(path).catch(() => undefined);
  if (info === undefined) return "nothing";
  if (!info.isFile()) return "foreign";
  const head = await headOf(path);
  return isGenerated(head) ? "generated" : "foreign";
}

/** As bpftool begins it, after a comment at most. */
export function isGenerated(text: string): boolean {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//, "").trimStart();
  return code.startsWith("#ifndef __VMLINUX_H__") && code.includes("preserve_access_index");
}

const HEAD_BYTES = 8192;

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(bytes, 0, HEAD_BYTES, 0);
    return bytes.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}
