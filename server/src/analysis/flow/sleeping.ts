/** Functions that may sleep, by themselves or by what they call: the verifier marks those it looks at alone. */

import type { Helper, KfuncFact } from "../knowledge/types.ts";
import { expressionsIn, partsOf, statementsIn } from "./graph.ts";
import type { Routine } from "./routine.ts";
import type { Expression, Statement } from "./tree.ts";
import type { Walk } from "./watch.ts";

const known = new WeakMap<Routine, boolean>();

export function maySleep(helper: Helper | undefined, kfunc: KfuncFact | undefined): boolean {
  return helper?.sleeps === true || kfunc?.flags.includes("KF_SLEEPABLE") === true;
}

export function sleeps(routine: Routine, walk: Walk): boolean {
  let does = known.get(routine);
  if (does === undefined) {
    // One that calls itself is decided by the rest of it.
    known.set(routine, false);
    does = inStatement(routine.body, walk);
    known.set(routine, does);
  }
  return does;
}

function inStatement(statement: Statement, walk: Walk): boolean {
  return (
    expressionsIn(statement).some((one) => inExpression(one, walk)) ||
    statementsIn(statement).some((one) => inStatement(one, walk))
  );
}

function inExpression(expression: Expression, walk: Walk): boolean {
  if (expression.kind === "statements") return inStatement(expression.body, walk);
  if (expression.kind === "call") {
    const { name } = expression;
    const called = walk.model.routine(name);
    if (called === undefined ? maySleep(walk.kb.helper(name), walk.kb.kfunc(name)) : sleeps(called, walk)) return true;
  }
  return partsOf(expression).some((one) => inExpression(one, walk));
}
