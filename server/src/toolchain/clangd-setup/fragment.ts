/** Our part of `.clangd`: how clangd is to read BPF sources; written as YAML and put into a file that others write to as well. */

import { ToolProblem } from "../problem.ts";

/** Sources that are read alike. */
export interface Fragment {
  /** Regular expressions for paths from the folder of `.clangd`. */
  readonly paths: readonly string[];
  readonly flags: readonly string[];
}

const BEGIN =
  '# BEGIN Hookpoint: made by "eBPF: Set Up clangd", and made anew by it. What is outside of this part stays.';
const END = "# END Hookpoint";
const SEPARATOR = "---";

export function fragmentsText(fragments: readonly Fragment[]): string {
  return [BEGIN, fragments.map(fragmentText).join(`\n${SEPARATOR}\n`), END, ""].join("\n");
}

/** The text with our part in it: in place of the last one, or at the end. */
export function merged(text: string, part: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const own = part.replaceAll("\n", newline);
  const place = placeOf(text);
  if (place !== undefined) return text.slice(0, place.from) + own.trimEnd() + text.slice(place.to);
  if (text.trim() === "") return own;
  const before = text.endsWith("\n") ? text : `${text}${newline}`;
  // Two separators would hold an empty document between them, which clangd calls an error.
  const separator = /(?:^|\n)---[ \t]*\s*$/.test(before) ? "" : `${SEPARATOR}${newline}`;
  return `${before}${separator}${own}`;
}

function placeOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const from = text.search(/^# BEGIN Hookpoint\b/m);
  const end = /^# END Hookpoint\b.*?$/m.exec(text);
  if (from === -1 && end === null) return undefined;
  if (from !== -1 && end !== null && end.index > from) return { from, to: end.index + END.length };
  throw new ToolProblem(
    `.clangd has only one of the lines "${BEGIN.slice(0, 17)}" and "${END}", so it cannot be told which part is Hookpoint's. Delete that line and what belongs to it, and set clangd up again.`,
  );
}

function fragmentText({ paths, flags }: Fragment): string {
  return [
    "If:",
    "  PathMatch:",
    ...paths.map(item),
    "CompileFlags:",
    "  Compiler: clang",
    "  # A command that clangd takes over from a program for this machine has flags that BPF has not.",
    "  Remove:",
    ...["-m*", "-f*"].map(item),
    "  Add:",
    ...flags.map(item),
    "Diagnostics:",
    "  # A header such as vmlinux.h is included for macros and attributes, too, which clangd does not count.",
    "  UnusedIncludes: None",
  ].join("\n");
}

function item(text: string): string {
  return `    - ${scalar(text)}`;
}

/** Single quotes take everything as it is. */
function scalar(text: string): string {
  return /^[-\w./][\w./=+,]*$/.test(text) && !/^-?$/.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
