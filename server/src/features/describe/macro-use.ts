/** A macro as it is called at one place of the file: with which arguments, as written. */

import type { Snapshot } from "../../analysis/snapshot.ts";
import { Cursor } from "../../analysis/syntax/cursor.ts";
import { tokenize } from "../../analysis/syntax/tokens.ts";
import type { Range } from "../../analysis/text.ts";

export interface MacroUse {
  readonly name: string;
  readonly args: readonly string[];
  readonly file: Snapshot;
  /** The macro's name in the file. */
  readonly range: Range;
}

/** Most calls are short, and none is longer than the last of these. */
const LENGTHS = [500, 8000] as const;

/** @returns undefined where the call is half typed, or where it is not certain what reaches the macro */
export function macroUseAt(file: Snapshot, name: string, range: Range): MacroUse | undefined {
  const { text, lines, model } = file;
  const from = lines.offsetAt(range.end);
  if (!/^(?:\s|\\\r?\n)*\(/.test(text.slice(from, from + 200)) || isInDefine(file, range.start.line)) return undefined;
  const args = argumentsFrom(text, from, LENGTHS[0]) ?? argumentsFrom(text, from, LENGTHS[1]);
  // A name that stands for something else may stand for several arguments.
  if (args === undefined || args.some((arg) => arg === "" || isMacro(arg, model))) return undefined;
  return { name, args, file, range };
}

function argumentsFrom(text: string, from: number, length: number): readonly string[] | undefined {
  const tokens = tokenize(text, from, Math.min(text.length, from + length));
  const cursor = new Cursor(text, tokens);
  if (!cursor.is(0, "(") || !cursor.isClosed(0)) return undefined;
  const close = cursor.closing(0);
  // Which branch of an #if is compiled nobody knows here.
  const isBranched = tokens.directives.some(({ start }) => start < cursor.start(close));
  return isBranched ? undefined : argumentsBetween(cursor, close);
}

/** One that stands for a number is one argument. */
function isMacro(arg: string, model: Snapshot["model"]): boolean {
  if (!/^[A-Za-z_]\w*$/.test(arg) || !model.redefines(arg)) return false;
  return !model.functions.some(({ name }) => name === arg) && model.valueOf(arg) === undefined;
}

function argumentsBetween(cursor: Cursor, close: number): readonly string[] {
  const bounds = [0, ...cursor.commas(0, close), close];
  if (close === 1) return [];
  return bounds.slice(1).map((end, i) => between(cursor, (bounds[i] ?? 0) + 1, end));
}

/** On one line, without comments. */
function between(cursor: Cursor, first: number, end: number): string {
  let result = "";
  for (let i = first; i < end; i++)
    result += (i > first && cursor.start(i) > cursor.end(i - 1) ? " " : "") + cursor.text(i);
  return result;
}

/** In the body of another macro arguments are that one's parameters, of which one may stand for several. */
function isInDefine({ lines }: MacroUse["file"], line: number): boolean {
  let first = line;
  while (first > 0 && lines.textOf(first - 1).endsWith("\\")) first--;
  return /^\s*#/.test(lines.textOf(first));
}
