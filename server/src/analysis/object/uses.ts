/** What a function of an object uses, by itself and through all that it calls. */

import type { ObjectFacts } from "./facts.ts";
import type { CodeFunction } from "./functions.ts";
import { CALL, CALLS, type Instruction } from "./instructions.ts";
import type { OpenObject } from "./open.ts";
import type { Place } from "./places.ts";
import { type Target, type TargetOf, targetsOf } from "./targets.ts";

/** Names, each once, in the order in which they are met. */
export interface Uses {
  /** Functions of the object: called, or handed to a helper that calls them. */
  readonly subprograms: readonly string[];
  readonly helpers: readonly string[];
  readonly kfuncs: readonly string[];
  readonly maps: readonly string[];
}

interface Own {
  readonly subprograms: Set<CodeFunction>;
  readonly helpers: Set<string>;
  readonly kfuncs: Set<string>;
  readonly maps: Set<string>;
}

export function usesOf(
  object: OpenObject,
  places: ReadonlyMap<number, readonly Place[]>,
  facts: ObjectFacts,
): (one: CodeFunction) => Uses & { readonly allInstructions: number } {
  const targets = new Map<number, TargetOf>();
  const targetOf = (one: CodeFunction): TargetOf => {
    const found = targets.get(one.section.index) ?? targetsOf(object, one.section, places);
    targets.set(one.section.index, found);
    return found;
  };
  const known = new Map<CodeFunction, Own>();
  const own = (one: CodeFunction): Own => {
    const found = known.get(one) ?? usedBy(one, targetOf(one), facts);
    known.set(one, found);
    return found;
  };
  return (root) => {
    const all: Own = { subprograms: new Set(), helpers: new Set(), kfuncs: new Set(), maps: new Set() };
    let allInstructions = 0;
    const reached = new Set([root]);
    for (const one of reached) {
      allInstructions += one.length;
      const { subprograms, helpers, kfuncs, maps } = own(one);
      for (const called of subprograms) reached.add(called);
      for (const name of helpers) all.helpers.add(name);
      for (const name of kfuncs) all.kfuncs.add(name);
      for (const name of maps) all.maps.add(name);
    }
    reached.delete(root);
    return {
      subprograms: [...reached].map(({ name }) => name),
      helpers: [...all.helpers],
      kfuncs: [...all.kfuncs],
      maps: [...all.maps],
      allInstructions,
    };
  };
}

function usedBy({ instructions }: CodeFunction, targetOf: TargetOf, facts: ObjectFacts): Own {
  const own: Own = { subprograms: new Set(), helpers: new Set(), kfuncs: new Set(), maps: new Set() };
  for (const one of instructions) {
    if (one.code === CALL && one.src === CALLS.helper) own.helpers.add(facts.helper(one.imm) ?? `#${one.imm}`);
    const target = targetOf(one);
    if (target !== undefined) add(own, target, one);
  }
  return own;
}

function add(own: Own, target: Target, { code }: Instruction): void {
  if (target.kind === "map") own.maps.add(target.name);
  if (target.kind === "extern" && code === CALL) own.kfuncs.add(target.name);
  if (target.kind === "function" && target.callee !== undefined) own.subprograms.add(target.callee);
}
