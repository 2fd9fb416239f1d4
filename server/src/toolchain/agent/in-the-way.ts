/** Says that something of a name is loaded already. */

import type { InTheWay } from "./held.ts";

/** Without its point. */
export function inTheWayText({ name, holder, stays }: InTheWay): string {
  return `Something called ${name} is loaded already ${how(holder, stays)}`;
}

function how(holder: number, stays: number): string {
  if (stays === 1) return "and stays";
  if (holder > 0) return `by process ${holder}`;
  return holder < 0 ? "by a process that cannot be seen from here" : "or was left behind";
}
