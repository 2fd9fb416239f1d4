/** What was said of one program, joined with the catalogue and with the source: the answers that people read. */

import type { Answer, Place, ProgramAnswer } from "./answer.ts";
import type { Family, Found } from "./family.ts";
import { findFamily } from "./find-family.ts";
import type { PlaceOf } from "./instruction-places.ts";
import type { VerifierLog } from "./log.ts";
import { readLog } from "./read-log.ts";

export interface Said {
  readonly name: string | undefined;
  readonly section: string | undefined;
  /** Undefined where nobody says how it ended. */
  readonly refused: boolean | undefined;
  readonly log: string;
  /** What the loader printed beside the log. */
  readonly words: string;
}

/** @param placeOf from the object, where there is one */
export function answersOf(said: Said, placeOf: PlaceOf = () => undefined): ProgramAnswer {
  const { name, section, refused, log } = said;
  const read = readLog(log);
  const verdict = refused === undefined ? "unknown" : refused ? "refused" : "accepted";
  const answers = refused === false ? [] : answersIn(read, placeOf);
  return { name, section, verdict, stats: read.stats, answers, log };
}

function answersIn(log: VerifierLog, placeOf: PlaceOf): readonly Answer[] {
  const placeOfStep = (index: number): Place | undefined => {
    const step = log.steps[index];
    if (step === undefined) return undefined;
    const { source, instruction } = step;
    const known = placeOf(instruction);
    if (known !== undefined) return known;
    return source?.line === undefined
      ? undefined
      : { file: source.file, line: source.line, text: source.text, instruction };
  };
  return log.messages.map(({ text, after }) => {
    const found = findFamily(text);
    const place = placeOfStep(after - 1);
    if (found === undefined)
      return {
        said: text,
        by: "verifier",
        family: undefined,
        class: "unknown",
        title: text,
        meaning: "",
        advice: "",
        place,
        story: [],
        rules: [],
      };
    const { family } = found;
    const match: Found = { match: found.match, log, at: after === 0 ? undefined : after - 1, placeOf: placeOfStep };
    const say = (words: Family["meaning"]): string => (typeof words === "string" ? words : words(match));
    return {
      said: text,
      by: family.by,
      family: family.id,
      class: family.classify?.(match) ?? family.class,
      title: family.title,
      meaning: say(family.meaning),
      advice: say(family.advice),
      place,
      story: family.story?.(match) ?? [],
      rules: family.rules ?? [],
    };
  });
}
