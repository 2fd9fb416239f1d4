/** What the text of a function has, for rules that look at few functions: told once for each text, which most keys leave as it is. */

import type { BpfFunction, BpfModel } from "../model.ts";
import { remembered } from "../remember.ts";
import { perPart } from "./per-model.ts";

/** Whether a pattern, one that is made once and not global, fits somewhere in a function, comments and all. */
export function functionHas(fn: BpfFunction, pattern: RegExp, model: BpfModel): boolean {
  const { text, answers } = read(fn, { model });
  const answer = answers.get(pattern) ?? pattern.test(text);
  answers.set(pattern, answer);
  return answer;
}

const read = perPart([], (fn: BpfFunction, { model }) => textRead(model.code.textOf(fn.range)));

const textRead = remembered((text) => ({ text, answers: new Map<RegExp, boolean>() }));
