/** Where a helper or kfunc may be called, in few words. */

import { allowancesFor, type Feature, type FeatureKind } from "../../analysis/knowledge/supports.ts";
import type { Allowance } from "../../analysis/knowledge/types.ts";
import { type CardFact, sinceText, someOf, type View } from "../card.ts";
import { kindText } from "../program-context.ts";

/** The feature as the code at the cursor would use it: once for each program that runs it. */
export function inTheseWords(kind: FeatureKind, name: string, { programs = [] }: View): readonly Feature[] {
  return programs.length === 0 ? [{ kind, name }] : programs.map((program) => ({ kind, name, program }));
}

export function allowedFacts(allowed: readonly Allowance[], { programs = [] }: View): readonly CardFact[] {
  const here = programs.map((program) => {
    const parts = allowancesFor(allowed, program);
    const said = parts.length === 0 ? "**never allowed**" : parts.map(allowanceText).join("; ");
    return { label: `Here (${kindText(program)})`, text: said };
  });
  return [...here, { label: "Programs", text: everywhere(allowed) }];
}

function allowanceText(part: Allowance): string {
  return [sinceText(part), part.gpl && "GPL only", part.sleepable && "sleepable only"].filter(Boolean).join(", ");
}

/** The types that may call it now, those with conditions apart. */
function everywhere(allowed: readonly Allowance[]): string {
  const now = allowed.filter(({ until }) => until === undefined);
  const conditions = new Map<string, string[]>();
  for (const { in: labels, gpl, sleepable } of now) {
    const condition = [gpl && "GPL only", sleepable && "sleepable only"].filter(Boolean).join(", ");
    const names = conditions.get(condition) ?? [];
    names.push(...labels);
    conditions.set(condition, names);
  }
  const parts = [...conditions].map(([condition, labels]) => {
    const where = labels.includes("*") ? "every type" : someOf(shortened(labels));
    return condition === "" ? where : `${where} (${condition})`;
  });
  return parts.length === 0 ? "none any more" : parts.join("; ");
}

/** The attach types of one program type take up more room than they are worth. */
function shortened(labels: readonly string[]): readonly string[] {
  const types = new Map<string, number>();
  for (const label of labels)
    types.set(label.split("/")[0] ?? label, (types.get(label.split("/")[0] ?? label) ?? 0) + 1);
  return [
    ...new Set(
      labels.map((label) =>
        (types.get(label.split("/")[0] ?? label) ?? 0) > 2 ? (label.split("/")[0] ?? label) : label,
      ),
    ),
  ].sort();
}
