/** Functions that only reckon: they take numbers, give a number, and touch nothing else. They need not be walked each time. */

import { expressionsIn, partsOf, statementsIn } from "./graph.ts";
import type { Routine, Routines } from "./routine.ts";
import type { Expression, Statement } from "./tree.ts";

const known = new WeakMap<Routine, boolean>();

export function isPure(routine: Routine, routines: Routines): boolean {
  let pure = known.get(routine);
  if (pure === undefined) {
    // One that calls itself is none.
    known.set(routine, false);
    pure =
      routine.body.isWhole &&
      routine.params.every(({ type }) => !type.includes("*")) &&
      !routine.head.includes("*") &&
      isPureStatement(routine.body, routine, routines);
    known.set(routine, pure);
  }
  return pure;
}

function isPureStatement(statement: Statement, routine: Routine, routines: Routines): boolean {
  if (statement.kind === "assembly" || statement.kind === "unknown" || statement.kind === "each") return false;
  if (statement.kind === "declaration" && (statement.type.includes("*") || statement.dimensions.length > 0))
    return false;
  return (
    expressionsIn(statement).every((one) => isPureExpression(one, routine, routines)) &&
    statementsIn(statement).every((one) => isPureStatement(one, routine, routines))
  );
}

function isPureExpression(expression: Expression, routine: Routine, routines: Routines): boolean {
  switch (expression.kind) {
    case "number":
    case "name":
    case "sizeof":
      return true;
    case "binary":
    case "conditional":
    case "cast":
      break;
    case "unary":
      if (expression.operator === "*" || expression.operator === "&") return false;
      break;
    case "assignment":
    case "update": {
      const target = expression.kind === "update" ? expression.of : expression.left;
      if (target.kind !== "name" || routine.graph.variableOf(target) === undefined) return false;
      break;
    }
    case "call": {
      const called = routines(expression.name);
      if (called === undefined ? !SWAPS.test(expression.name) : !isPure(called, routines)) return false;
      break;
    }
    default:
      return false;
  }
  return partsOf(expression).every((one) => isPureExpression(one, routine, routines));
}

/** What turns bytes around, or says what is likely. */
const SWAPS = /^(?:__)?(?:bpf_)?(?:hton|ntoh)[sl]$|^__builtin_(?:bswap\d+|expect|clz\w*|ctz\w*|popcount\w*)$/;
