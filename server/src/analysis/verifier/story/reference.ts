/** The story of what has to be given back: where it was taken, and which way leaves without doing so. */

import type { Chapter } from "../answer.ts";
import { branchTold } from "./branch.ts";
import { chaptersOf, type Told, variableFor } from "./chapters.ts";
import { operationAt, wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";

/** @param id `2` of "Unreleased reference id=2 alloc_insn=4"; @param instruction the 4 of it, where it is said */
export function referenceWasTaken(found: Scene, id: number, instruction?: number): readonly Chapter[] {
  const { at, log } = found;
  if (at === undefined) return [];
  const way = wayTo(log, at);
  const wanted = new RegExp(`\\bref_obj_id=${id}\\b|\\bid=${id}\\b`);
  const taken =
    instruction === undefined
      ? way.find((i) => [...(log.steps[i]?.state.values() ?? [])].some((state) => wanted.test(state)))
      : way.findLast((i) => log.steps[i]?.instruction === instruction);
  if (taken === undefined) return [];
  return chaptersOf(found, [takenTold(found, taken), ...branchTold(found, at, taken)]);
}

function takenTold(found: Scene, at: number): Told {
  const operation = operationAt(found.log, at);
  const name = operation.kind === "call" && operation.what !== "subprogram" ? operation.name : undefined;
  if (name === undefined) return { at, text: "here it is taken", weight: 3 };
  const variable = variableFor(found.placeOf(at)?.text, name);
  const text = variable === undefined ? `${name} takes it here` : `here ${variable} gets what ${name} hands out`;
  return { at, text: `${text}, which has to be given back`, weight: 3 };
}
