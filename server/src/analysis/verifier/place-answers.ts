/** Gives answers that have no place the one that their words name: what loaders say comes without lines. */

import type { Answer, Attaching, LoadAnswer } from "./answer.ts";
import { namesSaid } from "./names-said.ts";
import type { PlaceOfName } from "./source-places.ts";

/** @param finders the first that knows a name says where it is: the source, then the object */
export function placeAnswers<T extends LoadAnswer>(answer: T, ...finders: readonly PlaceOfName[]): T {
  return {
    ...answer,
    programs: answer.programs.map((program) => ({
      ...program,
      answers: program.answers.map((one) => placed(one, program.name, finders)),
      ...(program.attaching === undefined ? {} : { attaching: whereItSays(program.attaching, program.name, finders) }),
    })),
    answers: answer.answers.map((one) => placed(one, undefined, finders)),
  };
}

/** What is wrong with where it is attached stands where the source says where. */
function whereItSays(attaching: Attaching, program = "", finders: readonly PlaceOfName[]): Attaching {
  const answers = attaching.answers.map((one) => {
    const place = finders.map((find) => find({ kind: "hook", name: program }, program)).find(Boolean);
    return placed(place === undefined ? one : { ...one, place }, program, finders);
  });
  return { ...attaching, answers };
}

function placed(answer: Answer, program: string | undefined, finders: readonly PlaceOfName[]): Answer {
  if (answer.place !== undefined) return answer;
  const named = namesSaid(answer.said);
  // What is of no name in it is still of its program.
  const all = program === undefined ? named : [...named, { kind: "program", name: program } as const];
  for (const one of all)
    for (const find of finders) {
      const place = find(one, program);
      if (place !== undefined) return { ...answer, place };
    }
  return answer;
}
