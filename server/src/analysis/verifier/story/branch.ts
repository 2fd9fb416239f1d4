/** Which way the program went: the conditions that led to a step. */

import type { VerifierLog } from "../log.ts";
import { boundsOf } from "./bounds-of.ts";
import type { Told } from "./chapters.ts";
import { conditionHeld } from "./condition.ts";
import { stateBefore } from "./history.ts";
import type { Jump } from "./operation.ts";
import { operationAt, wasTaken, wayTo } from "./path.ts";
import type { Scene } from "./scene.ts";

/**
 * The last condition before a step, with how it came out where the source tells.
 * @param after only conditions behind this step
 */
export function branchTold(found: Scene, at: number, after = -1): readonly Told[] {
  const { steps } = found.log;
  const way = wayTo(found.log, at);
  for (let n = way.length - 2; n >= 0; n--) {
    const [i, next] = [way[n] ?? -1, way[n + 1] ?? -1];
    if (i <= after) return [];
    const [step, following] = [steps[i], steps[next]];
    const operation = operationAt(found.log, i);
    if (step === undefined || following === undefined || operation.kind !== "jump") continue;
    const taken = wasTaken(step, following);
    const place = found.placeOf(i);
    if (taken === undefined || place?.text === undefined || !/\b(?:if|while|for|switch)\b|\?/.test(place.text))
      continue;
    const held = conditionHeld(place.text, withNumber(found, i, operation), taken);
    const text =
      held === undefined
        ? "here the way was taken on which this goes wrong"
        : `here the condition was ${held ? "true" : "false"}`;
    return [{ at: i, text, weight: 1 }];
  }
  return [];
}

/** Compilers put numbers into registers first where there is no instruction that compares the other way round. */
function withNumber({ log }: Scene, at: number, jump: Jump): Jump {
  const [left, right] = [jump.left, jump.right].map((side) =>
    typeof side === "string" ? numberIn(log, at, side) : undefined,
  );
  if (right !== undefined) return { ...jump, right };
  const swapped = SWAPPED[jump.operator.replace(/^s/, "")];
  if (left === undefined || swapped === undefined || typeof jump.right !== "string") return jump;
  return { ...jump, left: jump.right, operator: swapped, right: left };
}

const SWAPPED: Readonly<Record<string, string>> = {
  "==": "==",
  "!=": "!=",
  ">": "<",
  "<": ">",
  ">=": "<=",
  "<=": ">=",
};

function numberIn(log: VerifierLog, at: number, name: string): bigint | undefined {
  const bounds = boundsOf(stateBefore(log, at, name));
  return bounds?.type === "scalar" && bounds.smin === bounds.smax ? bounds.smin : undefined;
}
