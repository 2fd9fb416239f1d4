/** What the text of a function has, for rules that look at few functions: told once for each text, which most keys leave as it is. */

import type { BpfFunction } from "../model.ts";
import { ByName, rememberedOf } from "../remember.ts";
import { sight } from "../sight.ts";

/** Whether a pattern, one that is made once and not global, fits somewhere in a function, comments and all. */
export function functionHas(fn: BpfFunction, pattern: RegExp): boolean {
  sight().bodies = true;
  const { text, answers } = read(fn);
  const answer = answers.get(pattern) ?? pattern.test(text);
  answers.set(pattern, answer);
  return answer;
}

interface TextRead {
  readonly text: string;
  readonly answers: Map<RegExp, boolean>;
}

const read = rememberedOf(({ name, text }: BpfFunction) => texts.get(name, text, begin));

const texts = new ByName<TextRead>();

function begin(text: string): TextRead {
  return { text, answers: new Map() };
}
