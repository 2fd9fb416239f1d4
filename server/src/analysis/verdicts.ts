/** For rules: which targets lack what a program uses, in one consistent wording. */

import { type Feature, supports } from "./knowledge/supports.ts";
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
  const byReason = new Map<string, Target[]>();
  for (const target of targets) {
    const { answer, reason } = supports(target, feature, kb, loader);
    if (answer === "no") byReason.set(reason, [...(byReason.get(reason) ?? []), target]);
  }
  return [...byReason].map(([reason, lackingIt]) => ({ reason, targets: lackingIt }));
}

/** "5.4, rhel-8.4 (4.18): first in 5.8"; several reasons one after the other. */
export function lackText(lacks: readonly Lack[]): string {
  return lacks.map(({ targets, reason }) => `${targets.map(targetText).join(", ")}: ${reason}`).join("; ");
}

/** `rhel-8.4 (4.18)`: who reads the reason wants the number. */
export function targetText({ label, distribution }: Target): string {
  return distribution === undefined ? label : `${label} (${distribution.kernel})`;
}
