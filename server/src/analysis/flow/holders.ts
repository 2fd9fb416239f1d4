/** Who still knows of a thing: the variables, and the places in memory, that hold a pointer to it. */

import type { Variable } from "./graph.ts";
import type { Frame, Path } from "./path.ts";
import type { Thing, Value } from "./values.ts";

/** A variable that points to where a thing begins: what could be given to a function. */
export interface Holder {
  readonly variable: Variable;
  /** In which call of its function. */
  readonly frame: number;
}

/** Whether a variable still has it: what nobody reads any more has no value here, and it keeps its own in C. */
export function stillHolds({ variable }: Holder, thing: Thing, { variables }: Frame): boolean {
  const value = variables.get(variable.index);
  return value === undefined || pointsTo(value, thing);
}

/** Whether any variable or place points to it. */
export function isKnown(thing: Thing, path: Path, frames: readonly Frame[] = path.frames): boolean {
  for (const { variables, routine } of frames)
    for (const { index } of routine.graph.variables) if (pointsTo(variables.get(index), thing)) return true;
  for (const [, value] of path.stores) if (pointsTo(value, thing)) return true;
  return false;
}

/** `__free(…)`, `__attribute__((cleanup(…)))`. */
export function cleansUp(attributes: readonly string[] | undefined): boolean {
  return attributes?.some((one) => /(?:\b|__)cleanup(?:\b|__)|\b__free\b/.test(one)) === true;
}

/** Whether what is taken now is what such a variable is set up with. */
export function isGivenBackBySelf({ frames }: Path): boolean {
  return frames.some(({ at }) => at.kind === "declare" && cleansUp(at.declaration.attributes));
}

function pointsTo(value: Value | undefined, thing: Thing): boolean {
  return value?.kind === "pointer" && value.thing === thing;
}
