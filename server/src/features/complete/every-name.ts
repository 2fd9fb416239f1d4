/** Everything that has a name and may stand in a function: hundreds, which what is typed narrows down. */

import { helperOffers, kfuncOffers } from "./callables.ts";
import { fits } from "./fits.ts";
import { type Asked, isBarred, type Names, type Offer, order } from "./item.ts";
import { constantOffers, macroOffers } from "./names.ts";
import type { CodePlace } from "./place.ts";

/** What matters most first. */
const GROUPS = [helperOffers, macroOffers, kfuncOffers, constantOffers];

/** Group by group, until there are `enough` of what begins as what was typed and may stand here. */
export function everyName(asked: Asked, place: CodePlace, isWanted: (one: Offer) => boolean, enough: number) {
  const { prefix } = place;
  const before = narrowed(asked, prefix);
  let { groups } = before;
  if (groups === GROUPS.length) return kept(asked, before);
  const isLikely = (one: Offer): boolean => one.label.startsWith(prefix) && !isBarred(one);
  const found = [...before.found];
  let likely = found.filter(isLikely).length;
  for (; likely < enough && groups < GROUPS.length; groups++) {
    const group = GROUPS[groups]?.(asked, place).filter(isWanted) ?? [];
    found.push(...group);
    likely += group.filter(isLikely).length;
  }
  return kept(asked, { prefix, found: found.sort(order), groups });
}

/** What does not fit a prefix fits nothing that goes on from there. */
function narrowed({ kept }: Asked, prefix: string): Names {
  const last = kept?.names;
  if (last === undefined || last.prefix === "" || !prefix.startsWith(last.prefix)) {
    return { prefix, found: [], groups: 0 };
  }
  return { prefix, found: last.found.filter(({ label }) => fits(label, prefix)), groups: last.groups };
}

function kept({ kept: all }: Asked, names: Names): { readonly found: readonly Offer[]; readonly isWhole: boolean } {
  if (all !== undefined) all.names = names;
  return { found: names.found, isWhole: names.groups === GROUPS.length };
}
