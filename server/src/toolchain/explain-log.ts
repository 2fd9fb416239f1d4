/** What a log says that was made anywhere: read piece by piece, so that whoever waits for it stays awake. */

import type { LoadAnswer } from "../analysis/verifier/answer.ts";
import { loadReader } from "../analysis/verifier/read-load.ts";
import { encodingOf } from "../analysis/verifier/text-encoding.ts";

/** Enough to tell how it is written. */
const SAMPLE = 64 * 1024;
/** Of a log that is read in some hundredths of a second. */
const PIECE = 1024 * 1024;

/** @param pause between two pieces; what it throws ends the reading */
export async function explainLog(bytes: Uint8Array, pause: (read: number) => Promise<void>): Promise<LoadAnswer> {
  const decoder = new TextDecoder(encodingOf(bytes.subarray(0, SAMPLE)));
  const reader = loadReader();
  for (let at = 0; at < bytes.length; at += PIECE) {
    reader.push(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }));
    await pause(Math.min(1, (at + PIECE) / bytes.length));
  }
  reader.push(decoder.decode());
  return reader.end();
}
