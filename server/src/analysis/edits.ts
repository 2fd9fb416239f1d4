/** Edits that several fixes make. */

import type { BpfModel } from "./model.ts";
import type { Position, Range, TextEdit } from "./text.ts";

export function replace(range: Range, newText: string): TextEdit {
  return { range, newText };
}

export function insertAt(position: Position, newText: string): TextEdit {
  return { range: { start: position, end: position }, newText };
}

/** The whole lines of a range, line end included. */
export function removeLines({ start, end }: Range, { code: { lines } }: BpfModel): TextEdit {
  const from = { line: start.line, character: 0 };
  const isLast = end.line + 1 >= lines.count;
  const to = isLast
    ? { line: end.line, character: lines.textOf(end.line).length }
    : { line: end.line + 1, character: 0 };
  return { range: { start: from, end: to }, newText: "" };
}

/** `#include <bpf/bpf_core_read.h>` behind the last include, or where the code begins. */
export function insertInclude(path: string, model: BpfModel): TextEdit {
  return insertAt(afterIncludes(model), `#include <${path}>\n`);
}

/** A line of its own behind the includes: a `#define`. */
export function insertAfterIncludes(line: string, model: BpfModel): TextEdit {
  const { includes } = model;
  return insertAt(afterIncludes(model), includes.length > 0 ? `\n${line}\n` : `${line}\n\n`);
}

function afterIncludes({ includes, code: { lines } }: BpfModel): Position {
  const last = includes.reduce((line, { range }) => Math.max(line, range.end.line), -1);
  if (last >= 0) return { line: last + 1, character: 0 };
  let line = 0;
  // Behind the comment that opens the file.
  let inComment = false;
  for (; line < lines.count; line++) {
    const text = lines.textOf(line).trim();
    if (!inComment && text !== "" && !text.startsWith("//") && !text.startsWith("/*")) break;
    if (text.startsWith("/*")) inComment = true;
    if (text.includes("*/")) inComment = false;
  }
  return { line: line >= lines.count ? 0 : line, character: 0 };
}

/** The blanks with which the line at a position begins. */
export function indentationAt({ line }: Position, { code: { lines } }: BpfModel): string {
  return /^\s*/.exec(lines.textOf(line))?.[0] ?? "";
}
