/** Reads what loaders print, of one program or of many, as people paste it: libbpf, bpftool, cilium/ebpf, aya, bcc, tc, logs. */

import type { Answer, LoadAnswer, ProgramAnswer } from "./answer.ts";
import { answersFrom, loaderAnswer } from "./answers.ts";
import { findInLines } from "./find-family.ts";
import type { PlaceOf } from "./instruction-places.ts";
import { linesOf } from "./lines.ts";
import { lineRouter, type RoutedProgram, type Router } from "./load-router.ts";
import { loaderLine, spellingsOf } from "./loader-words.ts";
import { unpasted } from "./pasted.ts";
import type { SourceText } from "./place-by-text.ts";
import { lineTaker } from "./read-log.ts";

/** Reads piece by piece, so that the host can do other things between two. */
export interface LoadReader {
  push(text: string): void;
  end(): LoadAnswer;
}

/** The source lines of a program's instructions, where its object is at hand; of the only one where no name is said. */
export type PlacesOf = (program: string | undefined) => PlaceOf | undefined;

const MOST_SHOWN = 20;
/** Of a line or two somebody wants to know what they mean; the output of a whole load has many that mean no harm. */
const MOST_ASKED = 3;

export function readLoad(text: string, placesOf?: PlacesOf): LoadAnswer {
  const reader = loadReader(placesOf);
  reader.push(text);
  return reader.end();
}

/** @param source what the log is of: for kernels that name no lines, where no object does */
export function loadReader(placesOf: PlacesOf = () => undefined, source?: SourceText): LoadReader {
  const router = lineRouter();
  const lines = linesOf((line) => {
    for (const one of unpasted(line)) router.take(one);
  });
  return {
    push: lines.push,
    end: () => {
      lines.end();
      return loadAnswer(router, placesOf, source);
    },
  };
}

function loadAnswer(router: Router, placesOf: PlacesOf, source: SourceText | undefined): LoadAnswer {
  const programs = router.programs.map((one) => programAnswer(one, placesOf, source));
  const failures = router.failures.map(loaderAnswer);
  const known = failures.filter(({ family }) => family !== undefined);
  const explained = known.length > 0 || programs.some(({ answers }) => answers.length > 0);
  const answers = explained ? known : together(failures);
  if (programs.length > 0 || answers.length > 0) return { programs, answers };
  const { asides } = router;
  return { programs, answers: alone([...(asides.length > MOST_ASKED ? [] : asides), ...router.loose()]) };
}

function programAnswer(one: RoutedProgram, placesOf: PlacesOf, source: SourceText | undefined): ProgramAnswer {
  const { name, section, refused, words, kept } = one;
  const log = (one.taker ?? lineTaker()).end();
  return answersFrom(
    { name, section, refused, log: kept.text(), words: words.join("\n"), source },
    log,
    placesOf(name),
  );
}

/** What nobody knows is shown as one. */
function together(answers: readonly Answer[]): readonly Answer[] {
  const [first] = answers;
  if (first === undefined) return [];
  const said = answers.slice(0, MOST_SHOWN).map((one) => one.said);
  return [{ ...first, said: said.join("\n") }];
}

/** Lines that somebody pasted without anything around them. */
function alone(lines: readonly string[]): readonly Answer[] {
  const known = lines.filter((line) => findInLines([spellingsOf(line)]) !== undefined);
  if (known.length > 0) return known.slice(0, MOST_SHOWN).map(loaderAnswer);
  const failures = lines.filter((line) => loaderLine(line).weight === "failure" && isText(line));
  return together(failures.map(loaderAnswer));
}

/** Among random bytes stands `err`, too. */
function isText(line: string): boolean {
  let strange = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code < 0x20 || code === 0xfffd || (code >= 0x7f && code < 0xa0)) strange++;
  }
  return strange === 0 && line.includes(" ");
}
