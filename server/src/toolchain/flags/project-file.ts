/** What `hookpoint.json` says about building: `{ "build": { "flags": […], "compiler": "gcc" }, "arch": "arm64" }`. */

import { dirname, join, resolve } from "node:path";
import { ToolProblem } from "../problem.ts";
import { cleaned } from "./clean.ts";
import type { FoundFlags, Sought } from "./flag.ts";
import { nameFrom, textOf } from "./folders.ts";

export interface ProjectBuild {
  readonly flags: FoundFlags | undefined;
  readonly compiler: "clang" | "gcc" | undefined;
  readonly arch: string | undefined;
}

const NAME = "hookpoint.json";

/** The nearest one counts, as for everything else that stands in it. */
export async function projectBuild({ source, root }: Sought): Promise<ProjectBuild> {
  for (let folder = resolve(dirname(source)); ; folder = dirname(folder)) {
    const path = join(folder, NAME);
    const text = await textOf(path);
    if (text !== undefined) return read(text, nameFrom(root, path), folder);
    if (folder === dirname(folder)) return { flags: undefined, compiler: undefined, arch: undefined };
  }
}

function read(text: string, origin: string, cwd: string): ProjectBuild {
  const content = record(parsed(text, origin));
  const { flags, compiler } = record(content["build"]);
  const arch = typeof content["arch"] === "string" ? content["arch"] : undefined;
  if (compiler !== undefined && compiler !== "clang" && compiler !== "gcc")
    throw new ToolProblem(`${origin}: build.compiler must be "clang" or "gcc", not ${JSON.stringify(compiler)}.`);
  if (flags === undefined) return { flags: undefined, compiler, arch };
  if (!Array.isArray(flags) || !flags.every((flag) => typeof flag === "string"))
    throw new ToolProblem(
      `${origin}: build.flags must be a list of strings, one for each word: ["-DDEBUG", "-Iinclude"].`,
    );
  const { words, refused } = cleaned(flags, () => false);
  const notes = refused.map(
    (word) => `${word} was left out: flags of a project may not have the compiler run other code.`,
  );
  return { flags: { words, origin, cwd, notes }, compiler, arch };
}

function parsed(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolProblem(`${origin} is not valid JSON, and may say how to build: ${reason}. Mend it first.`);
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
