/** Whether a file's programs have all they need on a target, be it a release, a distribution's kernel or one that was looked at. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { supports, type Verdict, verdictSince } from "../knowledge/supports.ts";
import type { Target } from "../knowledge/target.ts";
import type { Minimum } from "./minimum.ts";
import { isFeature } from "./need.ts";
import type { Reason } from "./reasons.ts";

export interface OnTarget extends Pick<Verdict, "answer"> {
  /** What is lacking, or not known to be there; undefined where all is there. */
  readonly first: (Pick<Verdict, "reason"> & Pick<Reason, "what" | "range">) | undefined;
}

/** A certain lack says more than a doubt. */
export function onTarget({ reasons, btf }: Minimum, target: Target, kb: KnowledgeBase, loader: string): OnTarget {
  const judged = reasons.map((need) => ({ need, ...judge(need, target, kb, loader) }));
  const found = judged.find(({ answer }) => answer === "no") ?? judged.find(({ answer }) => answer === "unknown");
  if (found === undefined && btf !== undefined && target.distribution?.btf === false)
    return { answer: "unknown", first: { ...btf, reason: withoutTypes(target.distribution.title) } };
  if (found === undefined) return { answer: "yes", first: undefined };
  const { need, answer, reason } = found;
  return { answer, first: { reason, what: need.what, range: need.range } };
}

function withoutTypes(title: string): string {
  return `${title} comes without a description of its types (BTF), which would have to be brought along`;
}

function judge({ asks, since, maybe }: Reason, target: Target, kb: KnowledgeBase, loader: string): Verdict {
  const verdict = isFeature(asks) ? supports(target, asks, kb, loader) : verdictSince(target, since ?? "");
  // What came together with something else counts as there from then on, as it does for the minimum.
  const isPlain = target.distribution === undefined && target.profile === undefined && maybe === undefined;
  if (verdict.answer === "unknown" && isPlain && since !== undefined) return verdictSince(target, since);
  return verdict;
}
