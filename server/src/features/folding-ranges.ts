/** Feature: folding ranges. Blocks, comments, runs of includes, branches of `#if`; an editor that is told any looks for none itself. */

import type { FoldingRange } from "vscode-languageserver-types";
import type { Snapshot } from "../analysis/snapshot.ts";
import { Cursor } from "../analysis/syntax/cursor.ts";
import type { Tokens } from "../analysis/syntax/tokens.ts";
import type { Lines } from "../analysis/text.ts";

/** Of several that begin in one line the largest is the one that an editor shows. */
export function foldingRanges({ text, lines, model }: Snapshot): FoldingRange[] {
  const tokens = model.code.tokensIn({ start: 0, end: text.length });
  const byStart = new Map<number, FoldingRange>();
  const found = [
    ...blocks(text, tokens, lines),
    ...comments(text, tokens, lines),
    ...branches(tokens, lines),
    ...includes(tokens, lines),
    ...regions(text, tokens, lines),
  ];
  for (const range of found) {
    if (range.endLine <= range.startLine) continue;
    const other = byStart.get(range.startLine);
    if (other === undefined || other.endLine < range.endLine) byStart.set(range.startLine, range);
  }
  return [...byStart.values()].sort((a, b) => a.startLine - b.startLine);
}

/** The line with the closing brace stays in sight. */
function blocks(text: string, tokens: Tokens, lines: Lines): FoldingRange[] {
  const cursor = new Cursor(text, tokens);
  const found: FoldingRange[] = [];
  for (let i = 0; i < cursor.count; i++) {
    if (!cursor.is(i, "{") || !cursor.isClosed(i)) continue;
    const startLine = lines.positionAt(cursor.start(i)).line;
    found.push({ startLine, endLine: lines.positionAt(cursor.start(cursor.closing(i))).line - 1 });
  }
  return found;
}

/** A long comment, or several of one line each below one another. */
function comments(text: string, { comments: list }: Tokens, lines: Lines): FoldingRange[] {
  const found: FoldingRange[] = [];
  let run: { startLine: number; endLine: number } | undefined;
  for (const { start, end } of list) {
    const from = lines.positionAt(start);
    const startLine = from.line;
    const endLine = lines.positionAt(end).line;
    const isAlone = lines.textOf(startLine).slice(0, from.character).trim() === "";
    if (!isAlone || !text.startsWith("//", start)) {
      found.push({ startLine, endLine, kind: "comment" });
      run = undefined;
    } else if (run?.endLine === startLine - 1) {
      run.endLine = endLine;
    } else {
      run = { startLine, endLine };
      found.push(Object.assign(run, { kind: "comment" }));
    }
  }
  return found;
}

function branches({ directives }: Tokens, lines: Lines): FoldingRange[] {
  const found: FoldingRange[] = [];
  const open: number[] = [];
  for (const { name, start } of directives) {
    const { line } = lines.positionAt(start);
    if (/^(?:elif|else|endif)/.test(name)) {
      const startLine = open.pop();
      if (startLine !== undefined) found.push({ startLine, endLine: line - 1 });
    }
    if (/^(?:if|elif|else)/.test(name)) open.push(line);
  }
  return found;
}

function includes({ directives }: Tokens, lines: Lines): FoldingRange[] {
  const found: FoldingRange[] = [];
  let run: { startLine: number; endLine: number } | undefined;
  for (const { name, start } of directives) {
    const { line } = lines.positionAt(start);
    if (name !== "include") run = undefined;
    else if (run !== undefined && isBlankBetween(lines, run.endLine, line)) run.endLine = line;
    else {
      run = { startLine: line, endLine: line };
      found.push(Object.assign(run, { kind: "imports" }));
    }
  }
  return found;
}

function isBlankBetween(lines: Lines, from: number, to: number): boolean {
  return to === from + 1 || (to === from + 2 && lines.textOf(from + 1).trim() === "");
}

/** `#pragma region` and `// #region`, as editors know them in C. */
function regions(text: string, { directives, comments: list }: Tokens, lines: Lines): FoldingRange[] {
  const marks = [...directives.filter(({ name }) => name === "pragma"), ...list].sort((a, b) => a.start - b.start);
  const found: FoldingRange[] = [];
  const open: number[] = [];
  for (const { start, end } of marks) {
    const match = /^(?:#[ \t]*pragma[ \t]+|\/\/[ \t]*#)(end)?region\b/.exec(
      text.slice(start, Math.min(end, start + 40)),
    );
    if (match === null) continue;
    const { line } = lines.positionAt(start);
    const startLine = match[1] === undefined ? undefined : open.pop();
    if (match[1] === undefined) open.push(line);
    else if (startLine !== undefined) found.push({ startLine, endLine: line, kind: "region" });
  }
  return found;
}
