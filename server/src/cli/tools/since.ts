/** `--since FILE`: what lines cost before, from what `verify --costs --format json` printed then. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Costs } from "../../analysis/verifier/costs.ts";
import { ToolProblem } from "../../toolchain/problem.ts";
import { reasonOf } from "../source.ts";

/** By the files as they were named, and the kernels. */
export type FormerCosts = (path: string, kernel: string) => Costs | undefined;

export async function costsSince(file: unknown): Promise<FormerCosts> {
  if (typeof file !== "string") return () => undefined;
  const files = filesIn(file, await textOf(file));
  return (path, kernel) => files.find((one) => one.path === path && one.kernel === kernel)?.costs;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(resolve(file), "utf8");
  } catch (error) {
    throw new ToolProblem(`${file} cannot be read: ${reasonOf(error)}.`);
  }
}

interface Former {
  readonly path: string;
  readonly kernel: string;
  readonly costs?: Costs;
}

function filesIn(file: string, text: string): readonly Former[] {
  try {
    const { files } = JSON.parse(text) as { readonly files?: readonly Former[] };
    if (Array.isArray(files) && files.some(({ costs }) => Array.isArray(costs?.lines))) return files;
  } catch {
    // Said below.
  }
  throw new ToolProblem(`${file} is not what hookpoint verify --costs --format json prints.`);
}
