/** Which part of a text a place is: the statement that its column is in, or all that stands on the line. */

import type { Range } from "../text.ts";
import type { Place } from "./answer.ts";

/** So far away the same text is rather another statement. */
const NEAR = 200;

/** @param lines of the text as it is now; where it was edited since, the line with the same words is looked for near by */
export function placeRange(
  { line, column, text }: Pick<Place, "line" | "column" | "text">,
  lines: readonly string[],
): Range {
  const at = lineOf(Math.max(0, line - 1), text?.trim(), lines);
  const words = lines[at] ?? "";
  const first = words.length - words.trimStart().length;
  const last = words.trimEnd().length;
  const given = column === undefined ? first : characterOf(words, column - 1);
  const [start, end] = given > first && given < last ? statementAt(words, given) : [first, last];
  return { start: { line: at, character: start }, end: { line: at, character: Math.max(start, end) } };
}

/** Compilers name the operator; what is between semicolons and braces is what people take for one thing. */
function statementAt(words: string, column: number): readonly [number, number] {
  const before = words.slice(0, column);
  const from = Math.max(...[";", "{", "}"].map((mark) => before.lastIndexOf(mark))) + 1;
  const start = from + (words.slice(from).length - words.slice(from).trimStart().length);
  const to = words.slice(column).search(/[;{}]/);
  return [
    Math.min(start, column),
    to < 0 ? words.trimEnd().length : column + words.slice(column, column + to).trimEnd().length,
  ];
}

function lineOf(wanted: number, text: string | undefined, lines: readonly string[]): number {
  const inside = Math.min(wanted, Math.max(0, lines.length - 1));
  if (text === undefined || text === "" || lines[wanted]?.trim() === text) return inside;
  for (let away = 1; away <= NEAR; away++) {
    if (lines[wanted - away]?.trim() === text) return wanted - away;
    if (lines[wanted + away]?.trim() === text) return wanted + away;
  }
  return inside;
}

/** Compilers count bytes, editors UTF-16 units. */
function characterOf(words: string, bytes: number): number {
  let left = bytes;
  let character = 0;
  for (const letter of words) {
    if (left <= 0) break;
    const code = letter.codePointAt(0) ?? 0;
    left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    character += letter.length;
  }
  return character;
}
