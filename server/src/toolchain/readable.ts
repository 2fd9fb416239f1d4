/** A compiler's messages as text for a terminal or a log: place, message, the line, its notes, and what it means for BPF. */

import { relative } from "node:path";
import { printable } from "../analysis/printable.ts";
import type { BuildDiagnostic, Place } from "./build-diagnostic.ts";
import { sourceLines } from "./source-lines.ts";

/** Longer ones are generated. */
const LONGEST_LINE = 240;

/** @param cwd what paths are shown from */
export function readable(diagnostics: readonly BuildDiagnostic[], cwd: string): string {
  const { lineOf } = sourceLines();
  const place = ({ file, range }: Place): string =>
    `${nameOf(file, cwd)}:${range.start.line + 1}:${range.start.character + 1}`;
  /** Explained once, however often it is said. */
  const explained = new Set<string>();
  const one = (diagnostic: BuildDiagnostic): string => {
    const { file, range, severity, message, flag, notes, fixes, explanation } = diagnostic;
    const text = lineOf(file, range.start.line + 1).slice(0, LONGEST_LINE);
    const number = String(range.start.line + 1);
    const gutter = " ".repeat(number.length);
    // Tabs stay tabs under the line, so the underline stands right however wide the terminal makes them.
    const indent = text.slice(0, range.start.character).replace(/[^\t]/g, " ");
    const end = range.end.line === range.start.line ? Math.min(range.end.character, text.length) : text.length;
    const line =
      text.trim() === ""
        ? ""
        : ` ${number} | ${text}\n ${gutter} | ${indent}${"^".repeat(Math.max(1, end - range.start.character))}\n`;
    const more = [
      ...notes.map((note) => `note: ${note.message}: ${place(note)}`),
      ...fixes.map(({ title }) => `help: ${title}`),
      ...(explanation === undefined || explained.has(explanation.text) ? [] : [`why: ${explanation.text}`]),
    ];
    if (explanation !== undefined) explained.add(explanation.text);
    const head = `${place(diagnostic)}: ${severity}: ${message}${flag === undefined ? "" : ` [${flag}]`}\n`;
    return head + line + more.map((words) => ` ${gutter} = ${words}\n`).join("");
  };
  return printable(diagnostics.map(one).join(""));
}

function nameOf(file: string, cwd: string): string {
  const name = relative(cwd, file);
  return name === "" || name.startsWith("..") ? file : name;
}
