/** What the commands about objects have in common. */

import { ToolProblem } from "../../toolchain/problem.ts";
import { BadUse, complain } from "../source.ts";
import type { Values } from "./tool-command.ts";

export function formatOf({ format = "text" }: Values): "json" | "text" {
  if (format === "json" || format === "text") return format;
  throw new BadUse(`There is no format "${String(format)}". Choose text or json.`);
}

/** One that cannot be read is named and does not stop the others. @returns whether there was one */
export async function eachObject(paths: readonly string[], work: (path: string) => Promise<void>): Promise<boolean> {
  let failed = false;
  for (const path of paths) {
    try {
      await work(path);
    } catch (error) {
      if (!(error instanceof ToolProblem)) throw error;
      complain(`hookpoint: ${error.message}`);
      failed = true;
    }
  }
  return failed;
}
