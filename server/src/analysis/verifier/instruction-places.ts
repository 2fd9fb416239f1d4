/** Which line of the source an instruction of a loaded program is, from the object: logs of older kernels do not say. */

import { groupedBy } from "../object/grouped.ts";
import { SLOT } from "../object/instructions.ts";
import type { OpenObject } from "../object/open.ts";
import type { Place } from "./answer.ts";

export type PlaceOf = (instruction: number) => Place | undefined;

export function instructionPlaces({ functions, ext }: OpenObject, program: string): PlaceOf {
  const main = functions.find(({ name, isProgram }) => isProgram && name === program);
  if (main === undefined || ext === undefined) return () => undefined;
  const lines = (groupedBy(ext.lines, ({ name }) => name).get(main.section.name) ?? []).flatMap(
    ({ records }) => records,
  );
  return (instruction) => {
    if (instruction >= main.length) return undefined;
    const at = (main.start + instruction) * SLOT;
    const record = lines.findLast(({ offset }) => offset <= at);
    if (record === undefined) return undefined;
    const { file, line, column, text } = record;
    return { file, line, column, text: text.trim(), instruction };
  };
}
