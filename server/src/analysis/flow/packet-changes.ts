/** Functions that may change the packet, by themselves or by what they call: the verifier marks those it looks at alone. */

import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { expressionsIn, partsOf, statementsIn } from "./graph.ts";
import type { Routine, Routines } from "./routine.ts";
import type { Expression, Statement } from "./tree.ts";

/** The release whose verifier follows it into functions that are verified by themselves. */
export const FOLLOWED_SINCE = "6.13";

/** Of libbpf's header: the helper, with what the compiler must know of it; the call in it is written as instructions. */
export const STATIC_TAIL_CALL = "bpf_tail_call_static";

const known = new WeakMap<Routine, boolean>();

export function changesPacket(routine: Routine, routines: Routines, kb: KnowledgeBase): boolean {
  let changes = known.get(routine);
  if (changes === undefined) {
    // One that calls itself is decided by the rest of it.
    known.set(routine, false);
    changes = inStatement(routine.body, routines, kb);
    known.set(routine, changes);
  }
  return changes;
}

function inStatement(statement: Statement, routines: Routines, kb: KnowledgeBase): boolean {
  return (
    expressionsIn(statement).some((one) => inExpression(one, routines, kb)) ||
    statementsIn(statement).some((one) => inStatement(one, routines, kb))
  );
}

function inExpression(expression: Expression, routines: Routines, kb: KnowledgeBase): boolean {
  if (expression.kind === "statements") return inStatement(expression.body, routines, kb);
  if (expression.kind === "call") {
    if (expression.name === STATIC_TAIL_CALL) return true;
    const called = routines(expression.name);
    if (called === undefined ? kb.helper(expression.name)?.packet?.changes : changesPacket(called, routines, kb))
      return true;
  }
  return partsOf(expression).some((one) => inExpression(one, routines, kb));
}
