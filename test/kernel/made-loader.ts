/** From a source to the program that loads it, as a person would go: skeleton, loader, C compiler. */

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { Description } from "../../server/src/analysis/describe.ts";
import { loaderFile, writeLoaderFile } from "../../server/src/toolchain/loader/loader-file.ts";
import { makeSkeleton } from "../../server/src/toolchain/skeleton/skeleton.ts";
import { describedFile } from "../support/described.ts";
import { workIn } from "../support/tools.ts";

const run = promisify(execFile);

export interface MadeLoader {
  readonly program: string;
  readonly text: string;
  readonly models: readonly Description[];
}

/** Neither compiler may have anything to say. */
export async function madeLoader(sources: readonly string[], clang: string): Promise<MadeLoader> {
  const [first = ""] = sources;
  const folder = dirname(first);
  const made = await makeSkeleton(sources, workIn(folder, { clang }), { kind: "c", name: "", force: false });
  expect([made.output, made.ok]).toEqual(["", true]);
  const models = await Promise.all(sources.map(describedFile));
  const path = loaderFile(first);
  await writeLoaderFile(models, { source: first, path, header: made.header, name: made.name, force: false });
  const program = join(folder, "loader");
  const { stderr } = await run("gcc", ["-Wall", "-Wextra", "-Werror", path, "-o", program, "-lbpf"]);
  expect(stderr).toBe("");
  return { program, text: readFileSync(path, "utf8"), models };
}
