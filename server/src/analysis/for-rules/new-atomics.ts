/** Calls of the compiler's that become atomic instructions younger than the one that adds. */

import type { BpfModel, Call } from "../model.ts";
import { withoutComments } from "../text.ts";

/** Adding and subtracting is as old as BPF, as long as nobody wants to know what was there. */
const ADDS =
  /^__(?:sync_(?:fetch_and_(?:add|sub)|(?:add|sub)_and_fetch)|atomic_(?:fetch_(?:add|sub)|(?:add|sub)_fetch))$/;
const OTHERS =
  /^__(?:sync_(?:fetch_and_(?:or|and|xor)|(?:or|and|xor)_and_fetch|(?:val|bool)_compare_and_swap|lock_test_and_set)|atomic_(?:fetch_(?:or|and|xor)|(?:or|and|xor)_fetch|exchange(?:_n)?|compare_exchange(?:_n)?))$/;

export interface NewAtomic {
  readonly call: Call;
  /** "the result of __sync_fetch_and_add()" */
  readonly what: string;
}

export function newAtomicsIn({ model }: { readonly model: BpfModel }): readonly NewAtomic[] {
  return model.calls
    .filter((call) => call.name.startsWith("__") && isNew(call, model))
    .map((call) => ({ call, what: ADDS.test(call.name) ? `the result of ${call.name}()` : `${call.name}()` }));
}

function isNew(call: Call, model: BpfModel): boolean {
  return OTHERS.test(call.name) || (ADDS.test(call.name) && isLookedAt(call, model));
}

/** Certain only: what stands before the call takes its value. */
function isLookedAt({ range, in: fn }: Call, { code }: BpfModel): boolean {
  if (fn === undefined) return false;
  const before = withoutComments(code.textOf({ start: fn.range.start, end: range.start })).trimEnd();
  return /(?:[=<>!&|+\-*/%^~?,]|\breturn|\b(?:if|while|switch)\s*\()$/.test(before);
}
