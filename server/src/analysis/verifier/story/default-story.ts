/** How it came about, for messages whose family does not tell a story of its own. */

import type { Chapter } from "../answer.ts";
import type { Found } from "../family.ts";
import { boundsOf } from "./bounds-of.ts";
import { stateOf } from "./history.ts";
import { packetRange } from "./packet.ts";
import { stepBefore } from "./path.ts";
import { referenceWasTaken } from "./reference.ts";
import { valueCameFrom } from "./value.ts";

/** The register or the reference that the message names. */
export function defaultStory(found: Found): readonly Chapter[] {
  const said = found.match.input;
  const reference = /\breference id=(\d+)(?: alloc_insn=(\d+))?/.exec(said);
  if (reference !== null)
    return referenceWasTaken(
      found,
      Number(reference[1]),
      reference[2] === undefined ? undefined : Number(reference[2]),
    );
  const name = /\bR(\d+)\b/.exec(said)?.[0];
  if (name === undefined || found.at === undefined) return [];
  const before = stepBefore(found.log, found.at);
  const type = before === undefined ? undefined : boundsOf(stateOf(found.log, before, name))?.type;
  return type === "pkt" ? packetRange(found, name) : valueCameFrom(found, name);
}
