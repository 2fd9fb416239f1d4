/** Asks a kernel about the programs of an object, and puts what it says to the lines of the source. */

import type { LoadAnswer } from "../analysis/verifier/answer.ts";
import { answersOf } from "../analysis/verifier/answers.ts";
import { instructionPlaces } from "../analysis/verifier/instruction-places.ts";
import type { AskableKernel, VerifyWish } from "./agent/kernel-answer.ts";
import type { Tried } from "./agent/tried.ts";
import type { Work } from "./choices.ts";
import { openOnDisk } from "./object.ts";

export interface Verified extends LoadAnswer {
  /** "this machine" */
  readonly kernel: string;
  /** `6.18.44` */
  readonly release: string;
  /** What was measured, beside what was said: in the order of the programs. */
  readonly tried: readonly Tried[];
}

export async function verifyObject(
  object: string,
  kernel: AskableKernel,
  wish: VerifyWish,
  work: Work,
): Promise<Verified> {
  const open = await openOnDisk(object);
  work.tell(`asking ${kernel.name}`);
  const { hello, programs } = await kernel.verify(object, wish, work);
  const answered = programs.map(({ program, section, error, log, words }) =>
    answersOf({ name: program, section, refused: error !== 0, log, words }, instructionPlaces(open, program)),
  );
  return { kernel: kernel.name, release: hello.release, programs: answered, answers: [], tried: programs };
}
