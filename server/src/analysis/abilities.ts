/** For rules: what the verifier of a kernel can do that has no name in any header, and which targets lack it. */

import { compareReleases, parseRelease, type Target } from "./knowledge/target.ts";
import type { RuleContext } from "./rule.ts";
import type { Lack } from "./verdicts.ts";

export interface Ability {
  readonly since: string;
  /** The commit of linux that brought it. The release is the first whose kernel/bpf has it and the one before has not. */
  readonly commit?: string;
}

/** Functions that are called, where everything had to be inlined before. */
export const CALLS: Ability = { since: "4.16", commit: "cc8b0b92a169" };
/** Variables outside of functions: .data, .bss and .rodata as maps that instructions point into. */
export const GLOBAL_DATA: Ability = { since: "5.2", commit: "d8eca5bbb2be" };
export const BOUNDED_LOOPS: Ability = { since: "5.3", commit: "2589726d12a1" };
/** From here on a function that is not static is verified alone, for whatever arguments it may get. */
export const GLOBAL_FUNCTIONS: Ability = { since: "5.6", commit: "51c39bb1d5d1" };
/** Such a function may take pointers to other things than the context. */
export const POINTERS_TO_GLOBAL_FUNCTIONS: Ability = { since: "5.12", commit: "e5069b9c23b3" };
/** Such a function may return nothing. By kernel/bpf/btf.c of 7.0 and 7.1. */
export const VOID_GLOBAL_FUNCTIONS: Ability = { since: "7.1" };
/** Tail calls from programs that call functions, on x86. */
export const TAIL_CALLS_BESIDE_CALLS: Ability = { since: "5.10", commit: "e411901c0b77" };
/** Atomic instructions that give back the old value, and those that do more than add. */
export const ATOMICS: Ability = { since: "5.12", commit: "5ca419f2864a" };

/** As `lacking()` for what has a name: never a guess. */
export function lackingAbility(
  { since }: Pick<Ability, "since">,
  { targets }: Pick<RuleContext, "targets">,
): readonly Lack[] {
  const lacking = targets.filter((target) => isOlder(target, since));
  return lacking.length === 0 ? [] : [{ targets: lacking, reason: `first in ${since}` }];
}

/** Targets that have one thing and lack another. */
export function between(from: Ability, to: Ability, { targets }: Pick<RuleContext, "targets">): readonly Target[] {
  return targets.filter((target) => isNewEnough(target, from.since) && isOlder(target, to.since));
}

function isNewEnough({ release }: Target, since: string): boolean {
  const first = parseRelease(since);
  return first !== undefined && release !== undefined && compareReleases(release, first) >= 0;
}

/**
 * Certainly older. What makers of distributions bring back they list by name at best, and a kernel that was looked at
 * may be one of theirs.
 */
function isOlder({ release, distribution, profile }: Target, since: string): boolean {
  const first = parseRelease(since);
  if (release === undefined || first === undefined || profile !== undefined) return false;
  if (distribution !== undefined && distribution.backportsKnown !== "none") return false;
  return compareReleases(release, first) < 0;
}
