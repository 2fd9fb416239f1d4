/** Asks a kernel about the programs of an object, and puts what it says to the lines of the source. */

import type { OpenObject } from "../analysis/object/open.ts";
import type { Answer, LoadAnswer, ProgramAnswer } from "../analysis/verifier/answer.ts";
import { answersOf } from "../analysis/verifier/answers.ts";
import { attachingOf } from "../analysis/verifier/attaching.ts";
import { type Costs, costsOf } from "../analysis/verifier/costs.ts";
import { instructionPlaces, whyNoLines } from "../analysis/verifier/instruction-places.ts";
import { objectPlaces } from "../analysis/verifier/object-places.ts";
import { placeAnswers } from "../analysis/verifier/place-answers.ts";
import type { AskableKernel, VerifyWish } from "./agent/kernel-answer.ts";
import type { Tried, Unopened } from "./agent/tried.ts";
import type { Work } from "./choices.ts";
import { openOnDisk } from "./object.ts";
import { ToolProblem } from "./problem.ts";

export interface Verified extends LoadAnswer {
  /** "this machine" */
  readonly kernel: string;
  /** `6.18.44` */
  readonly release: string;
  /** What was measured, beside what was said: in the order of the programs. */
  readonly tried: readonly Tried[];
  /** Why nothing is put to a line of the source: the object has none. */
  readonly withoutLines?: string;
  /** What each line cost, where it was asked for. */
  readonly costs?: Costs;
}

export async function verifyObject(
  object: string,
  kernel: AskableKernel,
  wish: VerifyWish,
  work: Work,
): Promise<Verified> {
  const open = await openOnDisk(object);
  work.tell(`asking ${kernel.name}`);
  const { hello, programs, unopened, missing } = await kernel.verify(object, wish, work);
  if (missing.length > 0) throw noSuchProgram(object, open, missing);
  const answered = programs.map((one) => programAnswer(one, open));
  const answers = unopened === undefined ? [] : answersOfUnopened(unopened);
  const verified: Verified = {
    kernel: kernel.name,
    release: hello.release,
    programs: answered,
    answers,
    tried: programs,
  };
  const source = hasUnplaced(verified) ? await wish.source?.() : undefined;
  const placed = placeAnswers(verified, ...(source === undefined ? [] : [source]), objectPlaces(open));
  const withoutLines = whyNoLines(open);
  return {
    ...placed,
    ...(withoutLines === undefined ? {} : { withoutLines }),
    ...(wish.visits ? { costs: costsOf(open, programs) } : {}),
  };
}

function programAnswer(tried: Tried, open: OpenObject): ProgramAnswer {
  const { program, section, type, error, log, words, attachError, attachWords = "" } = tried;
  const said = { name: program, section, type, error, refused: error !== 0, log, words };
  const answer = answersOf(said, instructionPlaces(open, program));
  if (attachError === undefined) return answer;
  return { ...answer, attaching: attachingOf({ program, section, attachError, attachWords }) };
}

function hasUnplaced({ programs, answers }: LoadAnswer): boolean {
  return [...answers, ...programs.flatMap((one) => [...one.answers, ...(one.attaching?.answers ?? [])])].some(
    ({ place }) => place === undefined,
  );
}

function noSuchProgram(path: string, { functions }: OpenObject, missing: readonly string[]): ToolProblem {
  const names = missing.map((name) => `"${name}"`).join(" and no ");
  const there = functions.filter(({ section }) => section.name !== ".text").map(({ name }) => name);
  const has =
    there.length === 0 ? "It has none." : `It has: ${there.slice(0, 50).join(", ")}${there.length > 50 ? ", …" : ""}.`;
  return new ToolProblem(`${path} has no program ${names}. ${has}`);
}

function answersOfUnopened({ error, words }: Unopened): readonly Answer[] {
  const { answers } = answersOf({ name: undefined, section: undefined, refused: true, log: "", words });
  if (answers.length > 0) return answers;
  const said = words.trim() || `error ${error}`;
  const title = "libbpf cannot open the object";
  const unknown = { family: undefined, class: "unknown", meaning: "", advice: "", place: undefined } as const;
  return [{ said, by: "libbpf", title, ...unknown, story: [], rules: [] }];
}
