/** What several rules ask of one model is worked out once, and forgotten with the model. */

import type { BpfModel } from "../model.ts";
import type { RuleContext } from "../rule.ts";
import { sight, type Watched, watched } from "../sight.ts";

type Part = "kb" | "loader" | "targets";

/**
 * A question that is answered once for a model, as long as the parts of the context that matter stay the same. The only
 * place in which rules remember anything about a model.
 */
export function perModel<P extends Part, T>(
  parts: readonly P[],
  answer: (asked: Pick<RuleContext, "model" | P>) => T,
): (asked: Pick<RuleContext, "model" | P>) => T {
  const known = new WeakMap<BpfModel, Watched<T> & { readonly asked: Pick<RuleContext, P> }>();
  return (asked) => {
    const before = known.get(asked.model);
    if (before !== undefined && parts.every((part) => before.asked[part] === asked[part])) return seenAgain(before);
    const found = watched(() => answer(asked));
    known.set(asked.model, { asked, ...found });
    return found.result;
  };
}

/** The same for a question about some part of a model: a call, a function. */
export function perPart<P extends Part, K extends object, T>(
  parts: readonly P[],
  answer: (part: K, asked: Pick<RuleContext, "model" | P>) => T,
): (part: K, asked: Pick<RuleContext, "model" | P>) => T {
  return perKey(parts, answer);
}

/** Who asks now has looked at all of that as well. */
function seenAgain<T>({ result, seen }: Watched<T>): T {
  sight().add(seen);
  return result;
}

function perKey<P extends Part, K, T>(
  parts: readonly P[],
  answer: (part: K, asked: Pick<RuleContext, "model" | P>) => T,
): (part: K, asked: Pick<RuleContext, "model" | P>) => T {
  const tables = perModel(parts, () => new Map<K, Watched<T>>());
  return (part, asked) => {
    const table = tables(asked);
    const before = table.get(part);
    if (before !== undefined) return seenAgain(before);
    const found = watched(() => answer(part, asked));
    table.set(part, found);
    return found.result;
  };
}

/** The same for a question about a text, such as a condition, whose answer depends on the rest of the file as well. */
export function perText<P extends Part, T>(
  parts: readonly P[],
  answer: (text: string, asked: Pick<RuleContext, "model" | P>) => T,
): (text: string, asked: Pick<RuleContext, "model" | P>) => T {
  return perKey(parts, answer);
}
