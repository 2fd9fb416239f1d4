/** Whether plain C is left to another language server that runs for the same file. */

import type { BesideC } from "./features/card.ts";
import type { OtherServer } from "./protocol.ts";
import type { Settings } from "./settings.ts";
import type { Own } from "./settings-reader.ts";

const NONE: readonly string[] = [];

/** Undefined where we give all there is. What stands in headers that the other one does not find is ours all the same. */
export function leavesPlainC(
  { clangd }: Pick<Settings, "clangd">,
  uri: string,
  other: OtherServer | undefined,
): BesideC | undefined {
  if (clangd === "off" || (clangd === "auto" && other?.name === undefined)) return undefined;
  return { missing: other?.missing[uri] ?? NONE };
}

/** One object as long as nothing differs: from key to key answers are kept for it. */
export function ownOf(chosen: Settings, besideC: BesideC | undefined): Own {
  const before = known.get(chosen);
  if (before !== undefined && before.besideC?.missing === besideC?.missing) return before;
  const own = { ...chosen, besideC };
  known.set(chosen, own);
  return own;
}

const known = new WeakMap<Settings, Own>();
