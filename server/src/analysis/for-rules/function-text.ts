/** What the text of a function has, for rules that look at few functions: told once for each text, which most keys leave as it is. */

import type { BpfFunction, BpfModel } from "../model.ts";
import { ByName } from "../remember.ts";
import { perPart } from "./per-model.ts";

/** Whether a pattern, one that is made once and not global, fits somewhere in a function, comments and all. */
export function functionHas(fn: BpfFunction, pattern: RegExp, model: BpfModel): boolean {
  const { text, answers } = read(fn, { model });
  const answer = answers.get(pattern) ?? pattern.test(text);
  answers.set(pattern, answer);
  return answer;
}

interface TextRead {
  readonly text: string;
  readonly answers: Map<RegExp, boolean>;
}

const read = perPart([], ({ name, text }: BpfFunction) => texts.get(name, text, begin));

const texts = new ByName<TextRead>();

function begin(text: string): TextRead {
  return { text, answers: new Map() };
}
