/** Where a helper or kfunc may be called, in few words. */

import type { KnowledgeBase } from "../../analysis/knowledge/knowledge-base.ts";
import { kindText } from "../../analysis/knowledge/programs.ts";
import { allowancesFor, type Feature, type FeatureKind, REPLACEMENT } from "../../analysis/knowledge/supports.ts";
import type { Allowance } from "../../analysis/knowledge/types.ts";
import { type CardFact, sinceText, someOf, type View } from "../card.ts";

/** The feature as the code at the cursor would use it: once for each program that runs it. */
export function inTheseWords(kind: FeatureKind, name: string, { programs = [] }: View): readonly Feature[] {
  return programs.length === 0 ? [{ kind, name }] : programs.map((program) => ({ kind, name, program }));
}

export function hereFacts(allowed: readonly Allowance[], { programs = [] }: View): readonly CardFact[] {
  return programs.map((program) => {
    if (program.progType === REPLACEMENT) return { label: "Here (EXT)", text: "what the replaced program may" };
    const parts = allowancesFor(allowed, program);
    const said = parts.length === 0 ? "**never allowed**" : parts.map(allowanceText).join("; ");
    return { label: `Here (${kindText(program)})`, text: said };
  });
}

export function programsFact(allowed: readonly Allowance[], kb: KnowledgeBase): CardFact {
  return { label: "Programs", text: everywhere(allowed, kb) };
}

function allowanceText(part: Allowance): string {
  return [sinceText(part), part.gpl && "GPL only", part.sleepable && "sleepable only"].filter(Boolean).join(", ");
}

/** The types that may call it now, those with conditions apart. */
function everywhere(allowed: readonly Allowance[], kb: KnowledgeBase): string {
  const now = allowed.filter(({ until }) => until === undefined);
  const conditions = new Map<string, string[]>();
  for (const { in: labels, gpl, sleepable } of now) {
    const condition = [gpl && "GPL only", sleepable && "sleepable only"].filter(Boolean).join(", ");
    conditions.set(condition, [...(conditions.get(condition) ?? []), ...labels]);
  }
  const parts = [...conditions].map(([condition, labels]) => {
    const where = labels.includes("*") ? "every type" : (allBut(labels, kb) ?? someOf(shortened(labels)));
    return condition === "" ? where : `${where} (${condition})`;
  });
  return parts.length === 0 ? "none any more" : parts.join("; ");
}

/** So few are left out that these are shorter to name. */
const FEW = 6;

function allBut(labels: readonly string[], kb: KnowledgeBase): string | undefined {
  const has = new Set(labels.map(typeOf));
  // What a replacement of a program may call is up to the program it replaces.
  const others = kb.facts.programTypes
    .map(({ name }) => name.replace("BPF_PROG_TYPE_", ""))
    .filter((type) => type !== "EXT" && !has.has(type));
  if (others.length > FEW) return undefined;
  return others.length === 0 ? "every type" : `every type but ${someOf(others)}`;
}

function typeOf(label: string): string {
  return label.split("/")[0] ?? label;
}

/** The attach types of one program type take up more room than they are worth. */
function shortened(labels: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(typeOf(label), (counts.get(typeOf(label)) ?? 0) + 1);
  const short = labels.map((label) => ((counts.get(typeOf(label)) ?? 0) > 2 ? typeOf(label) : label));
  return [...new Set(short)].sort();
}
