/** How it came about, for messages whose family does not tell a story of its own. */

import type { Chapter } from "../answer.ts";
import type { Found } from "../family.ts";
import { boundWasLost } from "./bounds.ts";
import { boundsOf } from "./bounds-of.ts";
import { stateBefore } from "./history.ts";
import { packetRange } from "./packet.ts";
import { operationAt } from "./path.ts";
import { referenceWasTaken } from "./reference.ts";
import type { Scene } from "./scene.ts";
import { valueCameFrom } from "./value.ts";

/** @param said the message */
export function defaultStory(found: Found, said = found.match.input): readonly Chapter[] {
  const { at, log } = found;
  const [, id, instruction] = /\breference id=(\d+)(?: alloc_insn=(\d+))?/.exec(said) ?? [];
  if (id !== undefined)
    return referenceWasTaken(found, Number(id), instruction === undefined ? undefined : Number(instruction));
  if (at === undefined) return [];
  const name = /\bR\d+\b/.exec(said)?.[0] ?? argumentIn(said) ?? addedAt(found, at);
  if (name === undefined) return [];
  const type = boundsOf(stateBefore(log, at, name))?.type;
  if (type === "pkt") return packetRange(found, name);
  return OF_BOUNDS.test(said) ? boundWasLost(found, name) : valueCameFrom(found, name);
}

const OF_BOUNDS =
  /\b(?:min|max) value\b|unbounded|out of bounds|outside of|zero-sized|invalid access to (?:map value|memory)/;

/** Helpers count their arguments from 1, as registers do; kernel functions, and those of the program, from 0. */
function argumentIn(said: string): string | undefined {
  const [, from1, from0] = /\bhelper arg(\d)\b|\b(?:trusted arg|arg#)(\d)\b/.exec(said) ?? [];
  if (from1 !== undefined) return `R${from1}`;
  return from0 === undefined ? undefined : `R${Number(from0) + 1}`;
}

/** The number that is added to a pointer, where the message names no register. */
function addedAt({ log }: Scene, at: number): string | undefined {
  const operation = operationAt(log, at);
  return operation.kind === "arithmetic" ? operation.from : undefined;
}
