/** What a log says that was made anywhere: read piece by piece, so that whoever waits for it stays awake. */

import type { LoadAnswer } from "../analysis/verifier/answer.ts";
import type { SourceText } from "../analysis/verifier/place-by-text.ts";
import { loadReader } from "../analysis/verifier/read-load.ts";
import { sourceOfLog } from "../analysis/verifier/source-of-log.ts";
import { encodingOf } from "../analysis/verifier/text-encoding.ts";

/** Enough to tell how it is written. */
const SAMPLE = 64 * 1024;
/** What is read in some hundredths of a second. */
const PIECE = 128 * 1024;

/**
 * @param pause between two pieces, with the part of it that was read; what it throws ends the reading
 * @param sources what it may be of, for logs that name no lines
 */
export async function explainLog(
  bytes: Uint8Array,
  pause: (read: number) => Promise<void>,
  sources: readonly SourceText[] = [],
): Promise<LoadAnswer> {
  const said = await read(bytes, pause);
  const source = sourceOfLog(said, sources);
  return source === undefined ? said : read(bytes, pause, source);
}

async function read(
  bytes: Uint8Array,
  pause: (read: number) => Promise<void>,
  source?: SourceText,
): Promise<LoadAnswer> {
  const decoder = new TextDecoder(encodingOf(bytes.subarray(0, SAMPLE)));
  const reader = loadReader(undefined, source);
  for (let at = 0; at < bytes.length; at += PIECE) {
    reader.push(decoder.decode(bytes.subarray(at, at + PIECE), { stream: true }));
    await pause(Math.min(1, (at + PIECE) / bytes.length));
  }
  reader.push(decoder.decode());
  return reader.end();
}
