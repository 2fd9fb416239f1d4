/** The words before a function's name, `static __always_inline int`, and how to take some of them out. */

import { replace } from "../edits.ts";
import type { BpfFunction, BpfModel } from "../model.ts";
import type { Range, TextEdit } from "../text.ts";

/** Where words stand before the name, as code. */
export function wordsBeforeName(
  { range, nameRange }: BpfFunction,
  words: RegExp,
  { code }: BpfModel,
): readonly Range[] {
  const offset = code.lines.offsetAt(range.start);
  const text = blankStringsAndComments(code.textOf({ start: range.start, end: nameRange.start }));
  return [...text.matchAll(new RegExp(words.source, "g"))].map(({ index, 0: { length } }) =>
    code.lines.rangeOf({ start: offset + index, end: offset + index + length }),
  );
}

/** Takes words out with the blanks behind them. */
export function removeWords(fn: BpfFunction, words: RegExp, model: BpfModel): readonly TextEdit[] {
  const withBlanks = new RegExp(`\\b(?:${words.source})\\b[ \\t]*`);
  return wordsBeforeName(fn, withBlanks, model).map((range) => replace(range, ""));
}

/** Of the same length, so that offsets stay right. */
export function blankStringsAndComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (found) => found.replace(/[^\n]/g, " "));
}
