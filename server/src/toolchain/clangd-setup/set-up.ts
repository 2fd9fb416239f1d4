/** Sets clangd up for BPF sources, by a part of our own in `.clangd`: new sources need nothing more, headers are read alike. */

import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Work } from "../choices.ts";
import { clangd } from "../clangd.ts";
import { ToolProblem } from "../problem.ts";
import { find } from "../tool.ts";
import { writeWhole } from "../write.ts";
import { flagsFor, fragmentsOf, type Read } from "./flags.ts";
import { fragmentsText, merged } from "./fragment.ts";
import { errorsIn, tryConfiguration } from "./try.ts";

export interface ClangdSetUp {
  readonly path: string;
  readonly changed: boolean;
  /** Of clangd, which was tried; undefined where there is none. */
  readonly version: string | undefined;
  /** The sources that clangd was tried on. */
  readonly tried: readonly string[];
  readonly failing: readonly { readonly source: string; readonly errors: readonly string[] }[];
}

/** Each takes half a second; those after them are read in the same way. */
const MOST_TRIED = 10;

export async function setUpClangd(sources: readonly string[], work: Work): Promise<ClangdSetUp> {
  if (sources.length === 0) throw new ToolProblem("There is no BPF C source here that clangd could be set up for.");
  const read: Read[] = [];
  for (const source of sources) read.push(await flagsFor(source, work));
  const path = await realpath(join(work.root, ".clangd")).catch(() => join(work.root, ".clangd"));
  const before = await textOf(path);
  const text = merged(before, fragmentsText(fragmentsOf(read, work.root)));
  const { tool } = await find(clangd, "", work.root, work.signal);
  if (tool !== undefined) await tryConfiguration(text, tool.program, work);
  if (text !== before) await writeWhole(path, text);
  const tried = tool === undefined ? [] : sources.slice(0, MOST_TRIED);
  const failing: { source: string; errors: readonly string[] }[] = [];
  for (const source of tried) {
    const errors = await errorsIn(source, tool?.program ?? "", work);
    if (errors.length > 0) failing.push({ source, errors });
  }
  return { path, changed: text !== before, version: tool?.version, tried, failing };
}

async function textOf(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "";
    const reason = code === "EISDIR" ? "it is a folder, as old versions of clangd made it; delete it" : message;
    throw new ToolProblem(`${path} cannot be read: ${reason}.`);
  }
  const text = bytes.toString("utf8");
  if (Buffer.from(text).equals(bytes)) return text;
  throw new ToolProblem(`${path} is not UTF-8, so nothing can be added to it. Save it as UTF-8 first.`);
}
