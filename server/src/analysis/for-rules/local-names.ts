/** The names of a function's variables, for those who ask about name after name. */

import type { BpfFunction } from "../model.ts";
import { perPart } from "./per-model.ts";

/** Of the variables that it declares in its body, without its parameters. */
export const localNames = perPart([], (fn: BpfFunction, { model }): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { text } of model.code.locals(fn)) names.add(text);
  return names;
});
