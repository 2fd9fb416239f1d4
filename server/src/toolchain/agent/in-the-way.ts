/** Says that something of a name is loaded already. */

import type { InTheWay } from "./held.ts";

/** Without its point. */
export function inTheWayText({ name, holder, stays }: InTheWay): string {
  const how = stays === 1 ? "and stays" : holder > 0 ? `by process ${holder}` : "or was left behind";
  return `Something called ${name} is loaded already ${how}`;
}
