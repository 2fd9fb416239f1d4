/** What stands around an expression: whether its value is wanted, or only its address. */

import { expressionsIn, partsOf, statementsIn } from "./graph.ts";
import type { Expression, Statement } from "./tree.ts";

export type Around = Expression | Statement;

/** From the innermost to the statement; empty where it is not found. Looked for only when there is something to tell. */
export function parentsOf(wanted: Expression, body: Statement): readonly Around[] {
  const found: Around[] = [];
  inStatement(body, wanted, found);
  return found;
}

function inStatement(statement: Statement, wanted: Expression, found: Around[]): boolean {
  const isHere =
    expressionsIn(statement).some((one) => inExpression(one, wanted, found)) ||
    statementsIn(statement).some((one) => covers(one, wanted) && inStatement(one, wanted, found));
  if (isHere) found.push(statement);
  return isHere;
}

function inExpression(expression: Expression, wanted: Expression, found: Around[]): boolean {
  if (expression === wanted) return true;
  if (!covers(expression, wanted)) return false;
  const isHere =
    expression.kind === "statements"
      ? inStatement(expression.body, wanted, found)
      : partsOf(expression).some((part) => inExpression(part, wanted, found));
  if (isHere) found.push(expression);
  return isHere;
}

function covers(outer: Around, inner: Expression): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}
