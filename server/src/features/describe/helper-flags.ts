/** What the editor says about the flags that a helper takes. */

import { type FlagSet, flagSets } from "../../analysis/knowledge/helper-flags.ts";
import type { Helper } from "../../analysis/knowledge/types.ts";
import type { CardFact, View } from "../card.ts";

/** For the programs at the cursor; undefined where it has no flags. */
export function flagsFact(helper: Helper, { programs = [] }: View): CardFact | undefined {
  const [usual, ...others] = flagSets(helper, programs);
  if (usual === undefined) return undefined;
  const { instead = [] } = helper.flags ?? {};
  const elsewhere = others.map((set) => {
    const types = instead.find((one) => one === set)?.in ?? [];
    return types.length === 0 ? "" : `; in ${types.join(", ")} programs ${flagWords(set)}`;
  });
  return { label: "Flags", text: flagWords(usual) + elsewhere.join("") };
}

function flagWords({ takes, oneOf, numbers = [], otherwise }: FlagSet): string {
  const names = takes.map((name) => `\`${name}\``).join(", ");
  const parts = [oneOf ? `one of ${names}` : names, ...numbers.map(({ what }) => what)].filter((part) => part !== "");
  const taken = parts.length === 0 ? "none" : parts.join("; ");
  if (otherwise === undefined) return `${taken}; others are ignored`;
  return `${taken}; with any other it ${otherwise}`;
}
