/** Which field of a context an expression such as `ctx->data` names. */

import type { KnowledgeBase } from "../analysis/knowledge/knowledge-base.ts";
import { functionAt } from "../analysis/knowledge/programs.ts";
import type { ContextFact, ContextField } from "../analysis/knowledge/types.ts";
import type { Snapshot } from "../analysis/snapshot.ts";
import type { Position, Range } from "../analysis/text.ts";

/** No expression of interest is longer. */
const FAR = 200;

export function fieldAt(
  file: Snapshot,
  kb: KnowledgeBase,
  { start, end }: Range,
): { readonly context: ContextFact; readonly field: ContextField } | undefined {
  const context = contextBefore(file, kb, start);
  const name = file.text.slice(file.lines.offsetAt(start), file.lines.offsetAt(end));
  const field = context?.fields.find((one) => one.name === name);
  return context && field && { context, field };
}

/** The structure that stands before a `->` or `.` which ends at a position. */
export function contextBefore(
  { model, lines, text }: Snapshot,
  kb: KnowledgeBase,
  position: Position,
): ContextFact | undefined {
  const offset = lines.offsetAt(position);
  const chain = /((?:\w+\s*(?:->|\.)\s*)+)$/.exec(text.slice(Math.max(0, offset - FAR), offset))?.[1];
  if (chain === undefined) return undefined;
  const [first = "", ...rest] = chain.split(/->|\./).map((part) => part.trim());
  const param = functionAt(model, position)?.params.find(({ name }) => name === first);
  let context = param && contextOf(param.type, kb);
  for (const name of rest.slice(0, -1)) {
    const field = context?.fields.find((one) => one.name === name);
    context = field && contextOf(field.type, kb);
  }
  return context;
}

function contextOf(type: string, kb: KnowledgeBase): ContextFact | undefined {
  const struct = /\bstruct\s+(\w+)\s*\*/.exec(type)?.[1];
  return struct === undefined ? undefined : kb.context(struct);
}
