/** For rules: which targets lack what a program uses, in one consistent wording. */

import { type Feature, supports, type Verdict, verdictSince } from "./knowledge/supports.ts";
import type { Target } from "./knowledge/target.ts";
import type { RuleContext } from "./rule.ts";

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
    (target) => supports(target, has, kb, loader).answer === "yes" && supports(target, lacks, kb, loader).answer === "no",
  );
}

/** "5.4, rhel-8.4 (4.18): first in 5.8"; several reasons one after the other. */
export function lackText(lacks: readonly Lack[]): string {
  return lacks.map(({ targets, reason }) => `${targets.map(targetText).join(", ")}: ${reason}`).join("; ");
}

/** `rhel-8.4 (4.18)`: who reads the reason wants the number. */
export function targetText({ label, distribution }: Target): string {
  return distribution === undefined ? label : `${label} (${distribution.kernel})`;
}
