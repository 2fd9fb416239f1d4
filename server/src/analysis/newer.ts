/** For rules that name a newer way: whether every program that runs the code has it, on every target. */

import { type Feature, type ProgramKind, supports } from "./knowledge/supports.ts";
import type { BpfModel, Call } from "./model.ts";
import type { RuleContext } from "./rule.ts";
import { hasVmlinux, type Run, runsOf } from "./runs.ts";

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

/** The programs that make a call, if all of them may use something instead; undefined where one may not, or none is known. */
export function programsFor(
  call: Call,
  instead: { readonly kind: "helper" | "kfunc"; readonly name: string },
  ctx: RuleContext,
): readonly Run[] | undefined {
  const runs = runsOf(call, ctx);
  const all = runs.length > 0 && runs.every(({ kind }) => isEverywhere({ ...instead, program: kind }, ctx));
  return all ? runs : undefined;
}

export function isOf(type: string, { progType }: ProgramKind): boolean {
  return progType === `BPF_PROG_TYPE_${type}`;
}

/** Kernels that are known to come without a description of their types cannot follow a pointer. */
export function haveKernelTypes({ targets }: Pick<RuleContext, "targets">): boolean {
  return targets.every(({ distribution }) => distribution === undefined || distribution.btf === true);
}

/** Whether the kernel's structures come from a generated header, so that their fields are found when the program is loaded. */
export function hasRelocatedTypes(model: BpfModel): boolean {
  return hasVmlinux(model) || model.includes.length === 0;
}
