/** The variables and recipes of a Makefile and of those that it includes, read without running any of it. */

import { resolve } from "node:path";
import { textOf } from "./folders.ts";

export interface Makefile {
  readonly variables: ReadonlyMap<string, string>;
  readonly recipes: readonly string[];
}

/** Stands for what only make could tell; what that is, in brackets, comes behind it. */
export const UNKNOWN = "\uffff";

/** A text that expands without end is cut: it is none that anybody means. */
const LONGEST = 64 * 1024;
const DEEPEST = 20;
const MOST_STEPS = 20_000;
const MOST_INCLUDES = 20;

const ASSIGNMENT = /^[ ]*(?:export[ \t]+|override[ \t]+)*([\w.-]+)[ \t]*(\?|\+|::?|)=[ \t]*(.*)$/;
const INCLUDE = /^[ ]*[-s]?include[ \t]+(.*)$/;

interface Reading {
  /** Of `ifeq` and its like around the line that is read. */
  depth: number;
  readonly folder: string;
  readonly variables: Map<string, string>;
  /** What a file says itself, so that `?=` says nothing new. */
  readonly given: Set<string>;
  readonly recipes: string[];
  readonly seen: Set<string>;
}

/** Paths are meant from the Makefile's folder, in what it includes too. */
export async function readMakefile(text: string, folder: string): Promise<Makefile> {
  const usual: readonly (readonly [string, string])[] = [
    ["CURDIR", "."],
    ["PWD", "."],
    ["CLANG", "clang"],
    ["CC", "cc"],
  ];
  const reading = {
    folder,
    variables: new Map(usual),
    given: new Set<string>(),
    recipes: [],
    seen: new Set<string>(),
    depth: 0,
  };
  await read(text, reading);
  return reading;
}

async function read(text: string, reading: Reading): Promise<void> {
  // What goes on in the next line is one line.
  for (const line of text.replace(/\\\r?\n[ \t]*/g, " ").split(/\r?\n/)) {
    const included = INCLUDE.exec(line)?.[1];
    if (/^ *(?:ifn?eq|ifn?def)\b/.test(line)) reading.depth++;
    else if (/^ *endif\b/.test(line)) reading.depth--;
    else if (line.startsWith("\t")) reading.recipes.push(line.trim().replace(/^[@+-]+/, ""));
    else if (included !== undefined) await include(included, reading);
    else assign(line, reading);
  }
}

async function include(names: string, reading: Reading): Promise<void> {
  for (const name of expanded(withoutComment(names), reading.variables).split(/[ \t]+/)) {
    const path = resolve(reading.folder, name);
    if (name.includes(UNKNOWN) || reading.seen.has(path) || reading.seen.size >= MOST_INCLUDES) continue;
    reading.seen.add(path);
    await read((await textOf(path)) ?? "", reading);
  }
}

function assign(line: string, { variables, given, depth }: Reading): void {
  const [, name = "", how = "", raw = ""] = ASSIGNMENT.exec(line) ?? [];
  if (name === "" || (how === "?" && given.has(name))) return;
  const value = withoutComment(raw);
  // Which branch holds is not known: of two values neither is taken.
  if (depth > 0 && given.has(name) && how !== "+") variables.set(name, `${UNKNOWN}(${name})`);
  else if (how === "+") variables.set(name, `${variables.get(name) ?? ""} ${value}`.slice(0, LONGEST));
  // What is expanded at once may speak of its own value before.
  else variables.set(name, how.startsWith(":") ? expanded(value, variables) : value);
  given.add(name);
}

function withoutComment(value: string): string {
  return value.replace(/(^|[^\\])#.*$/, "$1").trim();
}

export function expanded(text: string, variables: ReadonlyMap<string, string>): string {
  return expand(text, { variables, steps: 0 }, 0);
}

interface Expansion {
  readonly variables: ReadonlyMap<string, string>;
  steps: number;
}

function expand(text: string, at: Expansion, depth: number): string {
  let out = "";
  for (let i = 0; i < text.length && out.length < LONGEST; i++) {
    const char = text[i] ?? "";
    const next = text[i + 1] ?? "";
    if (char !== "$") out += char;
    else if (next === "(" || next === "{") {
      const end = closing(text, i + 1);
      out += meaningOf(text.slice(i + 2, end), at, depth);
      i = end;
    } else {
      // What the shell or the rule would fill in, or a name of one letter.
      out += at.variables.get(next) ?? `${UNKNOWN}${next}`;
      i++;
    }
  }
  return out.slice(0, LONGEST);
}

function meaningOf(inside: string, at: Expansion, depth: number): string {
  const name = /^[\w.-]+/.exec(inside)?.[0] ?? "";
  const unknown = `${UNKNOWN}(${name}${name === inside ? "" : "…"})`;
  if (depth > DEEPEST || at.steps++ > MOST_STEPS) return unknown;
  const path = /^(?:abspath|realpath|strip)[ \t]+(.*)$/s.exec(inside)?.[1];
  // From the same folder a path means the same, absolute or not.
  if (path !== undefined) return expand(path, at, depth + 1);
  const value = name === inside ? at.variables.get(name) : undefined;
  // What is nowhere said may come from the environment or from another file.
  return value === undefined ? unknown : expand(value, at, depth + 1);
}

/** Where the bracket at `open` closes; the end of the text where it does not. */
function closing(text: string, open: number): number {
  const [left, right] = text[open] === "(" ? ["(", ")"] : ["{", "}"];
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === left) depth++;
    else if (text[i] === right && --depth === 0) return i;
  }
  return text.length;
}
