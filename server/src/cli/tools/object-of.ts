/** The object of a file that was named. */

import { buildObject } from "../../toolchain/build.ts";
import type { Work } from "../../toolchain/choices.ts";
import { readable } from "../../toolchain/readable.ts";

/** A source is built first; undefined where that fails, which has been told then. */
export async function objectOf(path: string, work: Work): Promise<string | undefined> {
  if (!path.endsWith(".c")) return path;
  const built = await buildObject(path, work);
  process.stderr.write(built.diagnostics.length > 0 ? readable(built.diagnostics, process.cwd()) : built.output);
  return built.ok ? built.plan.object : undefined;
}
