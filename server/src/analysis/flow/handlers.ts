/** Functions that take over when a program throws: which programs name them. */

import type { BpfModel, Program } from "../model.ts";

const HANDLER = /\b__exception_cb\s*\(\s*(\w+)\s*\)/;

/** The programs for which a function takes over. */
export function handledBy(name: string, model: BpfModel): readonly Program[] {
  if (!model.code.mentions("__exception_cb")) return [];
  return model.programs.filter((program) => HANDLER.exec(model.routine(program.name)?.head ?? "")?.[1] === name);
}
