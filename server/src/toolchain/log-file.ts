/** Reads a log as it lies on disk or comes through a pipe: any length, any encoding, a piece at a time. */

import { createReadStream } from "node:fs";
import { TextDecoder } from "node:util";
import type { LoadAnswer } from "../analysis/verifier/answer.ts";
import type { SourceText } from "../analysis/verifier/place-by-text.ts";
import { loadReader, type PlacesOf } from "../analysis/verifier/read-load.ts";
import { encodingOf } from "../analysis/verifier/text-encoding.ts";
import { Cancelled, ToolProblem } from "./problem.ts";

/** Enough to tell how it is written. */
const SAMPLE = 64 * 1024;

/** @param path undefined: what is piped to us */
export async function explainLog(
  path: string | undefined,
  placesOf: PlacesOf,
  signal: AbortSignal,
  source?: SourceText,
): Promise<LoadAnswer> {
  const stream = path === undefined ? process.stdin : createReadStream(path);
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop);
  try {
    return await answerTo(stream as AsyncIterable<Uint8Array>, placesOf, source);
  } catch (error) {
    if (signal.aborted) throw new Cancelled();
    throw new ToolProblem(`${path ?? "The log"} cannot be read: ${reasonOf(error)}.`);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Between two pieces others have their turn, since they come from outside. */
export async function answerTo(
  bytes: AsyncIterable<Uint8Array>,
  placesOf?: PlacesOf,
  source?: SourceText,
): Promise<LoadAnswer> {
  const reader = loadReader(placesOf, source);
  let decoder: TextDecoder | undefined;
  let held: Uint8Array = new Uint8Array(0);
  const start = (): TextDecoder => {
    const made = new TextDecoder(encodingOf(held));
    reader.push(made.decode(held, { stream: true }));
    return made;
  };
  for await (const piece of bytes) {
    if (decoder !== undefined) {
      reader.push(decoder.decode(piece, { stream: true }));
      continue;
    }
    held = held.length === 0 ? piece : Buffer.concat([held, piece]);
    if (held.length >= SAMPLE) decoder = start();
  }
  reader.push((decoder ?? start()).decode());
  return reader.end();
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  return code === "EACCES" ? "it may not be read (permission denied)" : message;
}
