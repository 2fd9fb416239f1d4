/** For rules about calls: those of some names, and those of helpers, looked up rather than searched for. */

import type { Helper } from "../knowledge/types.ts";
import type { BpfFunction, BpfModel, Call } from "../model.ts";
import { perModel } from "./per-model.ts";

/** In the order of the text. */
export function callsNamed(name: string, model: BpfModel): readonly Call[] {
  return byName({ model }).get(name) ?? NONE;
}

/** The calls whose names fit, in the order of the text: each name is looked at once. */
export function callsWhere(fits: (name: string) => boolean, model: BpfModel): readonly Call[] {
  const found = new Set<string>();
  for (const name of byName({ model }).keys()) if (fits(name)) found.add(name);
  return inOrder(found, model);
}

/** Those of the names in a set, or of the keys of a map, in the order of the text. */
export function callsTo(names: { readonly keys: () => Iterable<string> }, model: BpfModel): readonly Call[] {
  const known = byName({ model });
  const found = new Set<string>();
  for (const name of names.keys()) if (known.has(name)) found.add(name);
  return inOrder(found, model);
}

function inOrder(names: ReadonlySet<string>, model: BpfModel): readonly Call[] {
  const [only] = names;
  if (only === undefined) return NONE;
  return names.size === 1 ? callsNamed(only, model) : model.calls.filter(({ name }) => names.has(name));
}

/** The calls that a function makes itself. */
export function callsIn(fn: BpfFunction, model: BpfModel): readonly Call[] {
  return byFunction({ model }).get(fn) ?? NONE;
}

export interface HelperCall {
  readonly call: Call;
  readonly helper: Helper;
}

/** Those that mean helpers, in the order of the text: as `helperOf` says of each. */
export const helperCalls = perModel(["kb"], ({ model, kb }): readonly HelperCall[] => {
  const found: HelperCall[] = [];
  const known = new Map<string, Helper>();
  for (const name of byName({ model }).keys()) {
    const helper = kb.helper(name);
    if (helper !== undefined && !model.redefines(name)) known.set(name, helper);
  }
  for (const call of model.calls) {
    const helper = known.get(call.name);
    if (helper !== undefined) found.push({ call, helper });
  }
  return found;
});

const NONE: readonly Call[] = [];

const byName = perModel([], ({ model }): ReadonlyMap<string, readonly Call[]> => {
  const found = new Map<string, Call[]>();
  for (const call of model.calls) {
    const list = found.get(call.name);
    if (list === undefined) found.set(call.name, [call]);
    else list.push(call);
  }
  return found;
});

const byFunction = perModel([], ({ model }): ReadonlyMap<BpfFunction, readonly Call[]> => {
  const found = new Map<BpfFunction, Call[]>();
  for (const call of model.calls) {
    if (call.in === undefined) continue;
    const list = found.get(call.in);
    if (list === undefined) found.set(call.in, [call]);
    else list.push(call);
  }
  return found;
});
