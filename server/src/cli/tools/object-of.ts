/** The object that a command is to work with, and how files are named to whoever reads. */

import { join, relative } from "node:path";
import { printable } from "../../analysis/printable.ts";
import { buildObject } from "../../toolchain/build.ts";
import type { Work } from "../../toolchain/choices.ts";
import { readable } from "../../toolchain/readable.ts";

/** A source is built first; undefined where that fails, which has been told then. */
export async function objectOf(path: string, work: Work): Promise<string | undefined> {
  if (!path.endsWith(".c")) return path;
  const built = await buildObject(path, work);
  process.stderr.write(
    built.diagnostics.length > 0 ? readable(built.diagnostics, process.cwd()) : printable(built.output),
  );
  return built.ok ? built.plan.object : undefined;
}

export function short(file: string): string {
  const near = relative(process.cwd(), file);
  return near.startsWith("..") ? file : near;
}

/** The folder with the agent's C files. */
export const agentSource = (): string => join(__dirname, "../agent");
