/** Packet bytes that no comparison with the end of the packet has shown to be there. */

import type { Family, Found } from "../family.ts";
import { bytes, stateBefore } from "../registers.ts";
import { boundsOf } from "../story/bounds-of.ts";
import { stateOf } from "../story/history.ts";
import { operationOf } from "../story/operation.ts";
import { wayTo } from "../story/path.ts";

export const packetOutOfBounds: Family = {
  id: "packet-out-of-bounds",
  title: "Packet not known to be that long",
  class: "source",
  by: "verifier",
  said: [
    /^invalid access to packet, off=(-?\d+) size=(\d+), (R\d+|\*\(R11-\d+\))\(id=(\d+),off=(-?\d+),r=(\d+)\)/,
    /^(R\d+) offset is outside of the packet$/,
  ],
  meaning,
  advice,
  rules: ["short-packet-check", "unbounded-packet-offset", "unchecked-packet"],
  examples: [
    { text: "invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)", from: "4.18 to 7.2" },
    { text: "invalid access to packet, off=22 size=1, R1(id=0,off=22,r=22)", from: "4.18 to 7.2" },
    { text: "invalid access to packet, off=2 size=2, R1(id=1,off=2,r=0)", from: "4.18 to 7.2" },
    { text: "invalid access to packet, off=-14 size=2, R3(id=0,off=0,r=34)", from: "4.18 to 7.2" },
    { text: "R1 offset is outside of the packet", from: "4.18 to 7.1" },
  ],
};

/** The verifier lets a moved pointer be compared only while it stays below this. */
const FARTHEST = 0xffffn;

function meaning(found: Found): string {
  const { match } = found;
  if (match[2] === undefined)
    return "The access lies outside of what the comparison with data_end has shown to be there.";
  const { off, size, moved, checked } = numbersOf(match);
  const what = `${bytes(size)} at offset ${off}`;
  if (off < 0) return `The program uses ${what}: before the place that this pointer was compared from.`;
  if (checked === 0 && moved)
    return isCompared(found)
      ? `The pointer is compared with data_end, but the number that was added to it before may be so large that it leads beyond 65535 bytes, and then no comparison counts.`
      : `The pointer has moved by a number that is known only when the program runs, and no comparison with data_end since then shows that ${what} behind it are there.`;
  if (checked === 0)
    return `The program uses ${what}, and no comparison with data_end on this path shows that the packet is that long.`;
  return `On this path the comparison with data_end shows that ${bytes(checked)} are there; the program uses ${what}, ${bytes(off + size - checked)} more.`;
}

function advice(found: Found): string {
  const { match } = found;
  if (match[2] === undefined) return "Compare with data_end up to the last byte that is used, before it is used.";
  const { off, size, moved, checked } = numbersOf(match);
  if (off < 0) return "Move the pointer only forwards from data, and compare it with data_end again.";
  if (!moved || checked > 0)
    return `Compare up to the last byte that is used, before it is used: if (data + ${off + size} > data_end) return …; with a struct, if ((void *)(header + 1) > data_end).`;
  const bound =
    "Bound the number before it is added, for example with & 0xfff: beyond 65535 bytes no comparison counts.";
  if (isCompared(found)) return bound;
  const far = (boundsOf(stateBefore(found, match[3] ?? ""))?.umax ?? FARTHEST + 1n) > FARTHEST;
  return `Compare the moved pointer itself with data_end before it is used: if ((void *)(header + 1) > data_end) return ….${far ? ` ${bound}` : ""}`;
}

function numbersOf(match: RegExpExecArray): { off: number; size: number; moved: boolean; checked: number } {
  const [, off, size, , id, , checked] = match;
  return { off: Number(off), size: Number(size), moved: id !== "0", checked: Number(checked) };
}

/** Whether the very pointer was compared with the end after all: with the same number added it has the same mark. */
function isCompared({ log, at, match }: Found): boolean {
  if (at === undefined) return false;
  return wayTo(log, at).some((step) => {
    const operation = operationOf(log.steps[step]?.text ?? "");
    if (step === at || operation.kind !== "jump" || typeof operation.right !== "string") return false;
    const sides = [operation.left, operation.right].map((side) => boundsOf(stateOf(log, step, side)));
    return sides.some((side) => side?.type === "pkt_end") && sides.some((side) => side?.fields.get("id") === match[4]);
  });
}
