/** What a log says that was made anywhere: read piece by piece, so that whoever waits for it stays awake. */

import type { LoadAnswer } from "../analysis/verifier/answer.ts";
import { answersOf } from "../analysis/verifier/answers.ts";

/** @param pause between the pieces of a long log */
export async function explainLog(bytes: Uint8Array, pause: () => Promise<void>): Promise<LoadAnswer> {
  await pause();
  const log = new TextDecoder().decode(bytes);
  const program = answersOf({ name: undefined, section: undefined, refused: undefined, log, words: "" });
  return { programs: [program], answers: [] };
}
