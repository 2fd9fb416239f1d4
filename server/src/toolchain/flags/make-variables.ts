/** The variables and recipes of a Makefile, read without running any of it. */

export interface Makefile {
  readonly variables: ReadonlyMap<string, string>;
  readonly recipes: readonly string[];
}

/** Stands for what only make could tell. */
export const UNKNOWN = "\uffff";

/** A text that expands without end is cut: it is none that anybody means. */
const LONGEST = 64 * 1024;
const DEEPEST = 20;

const ASSIGNMENT = /^[ ]*(?:export[ \t]+|override[ \t]+)*([\w.-]+)[ \t]*(\?|\+|::?|)=[ \t]*(.*)$/;

/** Paths are meant from the Makefile's folder. */
export function readMakefile(text: string): Makefile {
  const variables = new Map<string, string>([
    ["CURDIR", "."],
    ["PWD", "."],
    ["CLANG", "clang"],
    ["CC", "cc"],
  ]);
  const given = new Set<string>();
  const recipes: string[] = [];
  // What goes on in the next line is one line.
  for (const line of text.replace(/\\\r?\n[ \t]*/g, " ").split(/\r?\n/)) {
    if (line.startsWith("\t")) {
      recipes.push(line.trim().replace(/^[@+-]+/, ""));
      continue;
    }
    const [, name = "", how = "", raw = ""] = ASSIGNMENT.exec(line) ?? [];
    if (name === "") continue;
    const value = withoutComment(raw);
    const before = variables.get(name) ?? "";
    if (how === "+") variables.set(name, `${before} ${value}`);
    else if (how === "?" && given.has(name)) continue;
    // What is expanded at once may speak of its own value before.
    else variables.set(name, how.startsWith(":") ? expanded(value, variables) : value);
    given.add(name);
  }
  return { variables, recipes };
}

function withoutComment(value: string): string {
  return value.replace(/(^|[^\\])#.*$/, "$1").trim();
}

export function expanded(text: string, variables: ReadonlyMap<string, string>, depth = 0): string {
  let out = "";
  for (let i = 0; i < text.length && out.length < LONGEST; i++) {
    const char = text[i] ?? "";
    const next = text[i + 1] ?? "";
    if (char !== "$") out += char;
    else if (next === "$") {
      // The shell would fill this in.
      out += UNKNOWN;
      i++;
    } else if (next === "(" || next === "{") {
      const end = closing(text, i + 1);
      out += meaningOf(text.slice(i + 2, end), variables, depth);
      i = end;
    } else {
      out += /[@<^?*+%|]/.test(next) ? `${UNKNOWN}@` : (variables.get(next) ?? UNKNOWN);
      i++;
    }
  }
  return out.slice(0, LONGEST);
}

function meaningOf(inside: string, variables: ReadonlyMap<string, string>, depth: number): string {
  if (depth > DEEPEST) return UNKNOWN;
  const path = /^(?:abspath|realpath|strip)[ \t]+(.*)$/s.exec(inside)?.[1];
  // From the same folder a path means the same, absolute or not.
  if (path !== undefined) return expanded(path, variables, depth + 1);
  if (!/^[\w.-]+$/.test(inside)) return UNKNOWN;
  const value = variables.get(inside);
  // What is nowhere said may come from the environment or from another file.
  return value === undefined ? UNKNOWN : expanded(value, variables, depth + 1);
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
