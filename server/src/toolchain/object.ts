/** Objects on disk: read, described, listed; what cannot be read is said in words. */

import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { BadObject } from "../analysis/elf/bytes.ts";
import { knowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { readKnowledge } from "../analysis/knowledge/read.ts";
import { type BpfObject, describeObject } from "../analysis/object/describe.ts";
import { type ObjectFacts, objectFacts } from "../analysis/object/facts.ts";
import { type ListedFunction, listObject } from "../analysis/object/listing.ts";
import { type ListingText, listingText } from "../analysis/object/listing-text.ts";
import { type OpenObject, openObject } from "../analysis/object/open.ts";
import { objectReport } from "../analysis/object/report.ts";
import { ToolProblem } from "./problem.ts";

/** With debug information, objects have a few megabytes. */
const LARGEST = 64 * 1024 * 1024;

/** @param dist the folder with the knowledge base */
export async function loadObjectFacts(dist: string): Promise<ObjectFacts> {
  return objectFacts(knowledgeBase(readKnowledge(await readFile(join(dist, "knowledge.json"), "latin1"))));
}

export interface Inspected {
  readonly object: BpfObject;
  /** Markdown. */
  readonly report: string;
}

export async function inspectObject(path: string, facts: ObjectFacts): Promise<Inspected> {
  return read(path, (open) => {
    const object = describeObject(open, facts);
    return { object, report: objectReport(basename(path), object, facts) };
  });
}

export type { ListingText, ObjectFacts };

/** The instructions as one text, with the lines of the source between them. */
export async function listingOf(path: string, facts: ObjectFacts): Promise<ListingText> {
  return read(path, (open) => listingText(listObject(open, facts), true));
}

export async function disassembleObject(path: string, facts: ObjectFacts): Promise<readonly ListedFunction[]> {
  return read(path, (open) => listObject(open, facts));
}

/** An object as it lies there, for whoever asks more than one thing of it. */
export async function openOnDisk(path: string): Promise<OpenObject> {
  return read(path, (open) => open);
}

/** The programs of an object, each with its section. */
export async function programsOnDisk(
  path: string,
): Promise<readonly { readonly name: string; readonly section: string }[]> {
  const { functions } = await openOnDisk(path);
  return functions.filter(({ isProgram }) => isProgram).map(({ name, section }) => ({ name, section: section.name }));
}

async function read<T>(path: string, use: (open: OpenObject) => T): Promise<T> {
  const bytes = await bytesOf(path);
  try {
    return use(openObject(bytes));
  } catch (error) {
    if (error instanceof BadObject) throw new ToolProblem(`${path} cannot be shown. ${error.message}`);
    throw error;
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const refuse = (reason: string): never => {
    throw new ToolProblem(`${path} cannot be read: ${reason}.`);
  };
  try {
    const found = await stat(path);
    // A pipe would be waited for.
    if (!found.isFile()) return refuse("it is no file");
    if (found.size > LARGEST)
      return refuse(`it has ${Math.round(found.size / 1024 / 1024)} MB, which no object for BPF has`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof ToolProblem) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return refuse("there is no such file");
    return refuse(code === "EACCES" ? "permission denied" : String((error as Error).message));
  }
}
