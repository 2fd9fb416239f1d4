/** The story of a pointer into a packet: how much of it was tested, and what was added afterwards. */

import type { Chapter } from "../answer.ts";
import { boundsOf } from "./bounds-of.ts";
import { chaptersOf, type Told } from "./chapters.ts";
import { historyOf, stateOf } from "./history.ts";
import { operationAt, wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";
import { toldOf } from "./value.ts";

/** @param name of the register that points into the packet */
export function packetRange(found: Scene, name: string, at: number | undefined = found.at): readonly Chapter[] {
  if (at === undefined) return [];
  const { events } = historyOf(found.log, at, name);
  return chaptersOf(found, [...toldOf(found, events, "the pointer"), ...testsOf(found, at)]);
}

/** Each comparison of a pointer into the packet with its end, and what it shows. */
function testsOf({ log }: Scene, at: number): readonly Told[] {
  return wayTo(log, at).flatMap((i): readonly Told[] => {
    const operation = operationAt(log, i);
    if (i === at || operation.kind !== "jump" || typeof operation.right !== "string") return [];
    const sides = [operation.left, operation.right].map((side) => boundsOf(stateOf(log, i, side)));
    const packet = sides.find((side) => side?.type === "pkt");
    if (packet === undefined || !sides.some((side) => side?.type === "pkt_end")) return [];
    const range = Number(packet.fields.get("r") ?? "0");
    if (!(range > 0)) return [];
    const variable = packet.fields.has("id") && packet.fields.get("id") !== "0";
    const text = variable
      ? "this test shows bytes only for the pointer with this very amount added, and for copies of it"
      : `this test shows that the packet has ${range} bytes`;
    return [{ at: i, text, weight: 2 }];
  });
}
