/** Edits that several fixes make. */

import { isGenerated, isLibbpfHeader } from "./kernel-headers.ts";
import type { BpfModel, Call, Inclusion } from "./model.ts";
import type { Fix } from "./rule.ts";
import type { Position, Range, TextEdit } from "./text.ts";

export function replace(range: Range, newText: string): TextEdit {
  return { range, newText };
}

/** Another function in the place of the one that is called. */
export function replaceCallee({ nameRange }: Call, name: string): Fix {
  return { title: `Replace with ${name}()`, edits: [replace(nameRange, name)] };
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

/**
 * `#include <bpf/bpf_core_read.h>` behind the last include, or where the code begins. A header of libbpf stands with its
 * kin, before the project's own, which may need it.
 */
export function insertInclude(path: string, model: BpfModel): TextEdit {
  const isKin = (one: Inclusion): boolean => isLibbpfHeader(one.path) || isGenerated(one.path);
  const place = isLibbpfHeader(path) ? afterIncludes(model, isKin) : undefined;
  return insertAt(place ?? afterIncludes(model) ?? beginning(model), `#include <${path}>\n`);
}

/** A line of its own behind the includes: a `#define`. */
export function insertAfterIncludes(line: string, model: BpfModel): TextEdit {
  const { includes } = model;
  return insertAt(afterIncludes(model) ?? beginning(model), includes.length > 0 ? `\n${line}\n` : `${line}\n\n`);
}

/** The line behind the last include of those with which the file begins; undefined where none is wanted. */
function afterIncludes(model: BpfModel, isWanted: (one: Inclusion) => boolean = () => true): Position | undefined {
  const code = firstLineOfCode(model);
  const wanted = model.includes.filter(isWanted);
  const last = wanted.findLast(({ range }) => range.start.line < code) ?? wanted[0];
  if (last === undefined) return undefined;
  const behind = behindConditions(last.range, model);
  return { line: behind <= code ? behind : last.range.end.line + 1, character: 0 };
}

/** Behind the comment that opens the file. */
function beginning({ code: { lines } }: BpfModel): Position {
  let line = 0;
  let inComment = false;
  for (; line < lines.count; line++) {
    const text = lines.textOf(line).trim();
    if (!inComment && text !== "" && !text.startsWith("//") && !text.startsWith("/*")) break;
    if (text.startsWith("/*")) inComment = true;
    if (text.includes("*/")) inComment = false;
  }
  return { line: line >= lines.count ? 0 : line, character: 0 };
}

/** What is included further down is code, as likely as not. */
function firstLineOfCode({ functions, maps }: BpfModel): number {
  return [functions[0], maps[0]].reduce(
    (line, one) => (one === undefined ? line : Math.min(line, one.range.start.line)),
    Number.POSITIVE_INFINITY,
  );
}

/** The line behind every `#if` around a place, an include guard apart. */
function behindConditions(range: Range, { code }: BpfModel): number {
  let open = code.compiledWhen(range).length;
  let line = range.end.line + 1;
  for (; open > 0 && line < code.lines.count; line++) {
    const word = /^\s*#\s*(if|endif)/.exec(code.lines.textOf(line))?.[1];
    if (word !== undefined) open += word === "if" ? 1 : -1;
  }
  return line;
}

/** `SEC("license")`, or whatever the file writes in its place. */
export function sectionMark(name: string, { programs, maps, code }: BpfModel): string {
  const marks = [...programs, ...maps].flatMap(({ section }) => {
    const text = section && code.textOf(section.range);
    return text !== undefined && /^[^"]*"[^"]*"[^"]*$/.test(text) ? [text] : [];
  });
  const mark = marks.some((text) => /^SEC\s*\(/.test(text)) ? undefined : marks[0];
  return mark === undefined ? `SEC("${name}")` : mark.replace(/"[^"]*"/, `"${name}"`);
}

/** The blanks with which the line at a position begins. */
export function indentationAt({ line }: Position, { code: { lines } }: BpfModel): string {
  return /^\s*/.exec(lines.textOf(line))?.[0] ?? "";
}
