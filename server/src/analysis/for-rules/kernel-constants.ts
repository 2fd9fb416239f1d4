/** Constants of the kernel's headers that a text uses and that neither it nor its headers define. */

import type { Place } from "../code.ts";
import { insertAfterIncludes } from "../edits.ts";
import type { ConstantFact } from "../knowledge/types.ts";
import type { BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { KERNEL_CONSTANTS } from "../syntax/kernel-types.ts";
import type { TextEdit } from "../text.ts";

export interface UndefinedConstant {
  readonly fact: ConstantFact;
  /** Where it stands first. */
  readonly place: Place;
}

/** Macros only: BTF has no trace of them. Those with another value on some architecture are left out. */
export function* undefinedConstants(
  { model, kb }: Pick<RuleContext, "model" | "kb">,
  isWanted: (fact: ConstantFact) => boolean,
): Iterable<UndefinedConstant> {
  for (const name of model.code.capitals()) {
    const fact = kb.constant(name);
    if (fact === undefined || fact.kind !== "define" || fact.inBtf || fact.except !== undefined) continue;
    if (!isWanted(fact) || isDefined(name, model)) continue;
    const place = model.code.uses(name).find((use) => !isTag(use, model));
    if (place !== undefined) yield { fact, place };
  }
}

/** `__flag(BPF_F_STRICT_ALIGNMENT)` before a function: such macros make strings of what they are given. */
function isTag({ range: { start } }: Place, { code: { lines } }: BpfModel): boolean {
  const before = lines.textOf(start.line).slice(0, start.character);
  return /(?:^|[\s)])__(?!uint\b|type\b|array\b|attribute__\b)\w+\s*\(\s*$/.test(before);
}

function isDefined(name: string, model: BpfModel): boolean {
  if (model.redefines(name) || model.isInHeaders(name) || model.globals.some((one) => one.name === name)) return true;
  // The value of a few is known without anybody having defined them.
  const value = model.valueOf(name);
  return value !== undefined && (!KERNEL_CONSTANTS.has(name) || isEnumerator(name, model));
}

function isEnumerator(name: string, { code }: BpfModel): boolean {
  return code.has(new RegExp(`\\benum\\b[^{};]*\\{[^}]*\\b${name}\\b`));
}

/** `#define ETH_P_IP 0x0800`, each on a line, behind the includes. */
export function defineThem(facts: readonly ConstantFact[], model: BpfModel): readonly TextEdit[] {
  if (facts.length === 0) return [];
  return [insertAfterIncludes(facts.map(definition).join("\n"), model)];
}

function definition({ name, value }: ConstantFact): string {
  return `#define ${name} ${value.startsWith("-") ? `(${value})` : value}`;
}
