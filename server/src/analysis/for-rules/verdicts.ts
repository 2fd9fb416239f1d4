/** Which targets lack what a program uses, in one consistent wording. */

import { type Feature, supports, type Verdict, verdictSince } from "../knowledge/supports.ts";
import { type Target, targetText } from "../knowledge/target.ts";
import type { RuleContext } from "../rule.ts";

/** Targets that certainly lack something, for one reason. */
export interface Lack {
  readonly targets: readonly Target[];
  /** "first in 5.8" */
  readonly reason: string;
}

/** Never a guess: a target that may have it is not among them. Without targets nothing is lacking. */
export function lacking(feature: Feature, { targets, kb, loader }: RuleContext): readonly Lack[] {
  return lackingBy((target) => supports(target, feature, kb, loader), targets);
}

/** Certainly there. What is not known of a target counts as missing: nobody is sent where he may not be able to go. */
export function isEverywhere(feature: Feature, { targets, kb, loader }: RuleContext): boolean {
  if (targets.length === 0) return isStillThere(feature, kb);
  return targets.every((target) => supports(target, feature, kb, loader).answer === "yes");
}

/** Without targets the newest kernel is meant. */
function isStillThere({ kind, name, program }: Feature, kb: RuleContext["kb"]): boolean {
  const newest = { label: "", release: { major: Number.MAX_SAFE_INTEGER, minor: 0 } };
  return supports(newest, { kind, name, ...(program && { program }) }, kb).answer === "yes";
}

/** As `lacking`, for what came with a release and has no name of its own. */
export function lackingSince(since: string, { targets }: Pick<RuleContext, "targets">): readonly Lack[] {
  return lackingBy((target) => verdictSince(target, since), targets);
}

function lackingBy(judge: (target: Target) => Verdict, targets: readonly Target[]): readonly Lack[] {
  const byReason = new Map<string, Target[]>();
  for (const target of targets) {
    const { answer, reason } = judge(target);
    if (answer === "no") byReason.set(reason, [...(byReason.get(reason) ?? []), target]);
  }
  return [...byReason].map(([reason, lackingIt]) => ({ reason, targets: lackingIt }));
}

/** What the verifier can do that has no name in any header: `bounded-loops`. */
export function ability(name: string): Feature {
  return { kind: "ability", name };
}

/** Targets that have one thing and lack another. */
export function between(has: Feature, lacks: Feature, { targets, kb, loader }: RuleContext): readonly Target[] {
  return targets.filter(
    (target) =>
      supports(target, has, kb, loader).answer === "yes" && supports(target, lacks, kb, loader).answer === "no",
  );
}

/** "5.4, rhel-8.4 (4.18): first in 5.8"; several reasons one after the other. */
export function lackText(lacks: readonly Lack[]): string {
  return lacks.map(({ targets, reason }) => `${targets.map(targetText).join(", ")}: ${reason}`).join("; ");
}
