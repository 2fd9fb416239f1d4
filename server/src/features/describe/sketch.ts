/** What all expansions of macros are made of: a few lines of C, and what to say about them. */

import type { Feature } from "../../analysis/knowledge/supports.ts";
import type { CardFact } from "../card.ts";

export interface Expansion {
  /** Lines of C, shortened to what matters: the casts that make the compiler content are left out. */
  readonly code?: readonly string[];
  readonly facts?: readonly (CardFact | false | undefined)[];
  /** The helpers and kfuncs that this very call comes down to. */
  readonly calls?: readonly Pick<Feature, "kind" | "name">[];
}

/** A call that the macro's own means cannot take. */
export function tooMany(what: string, most: number, given: number): Expansion {
  const words = `${most} ${most === 1 ? what.replace(/s$/, "") : what}`;
  return { facts: [{ label: "This call", text: `does not compile: at most ${words}, here are ${given}` }] };
}

/** The first of some names that no argument uses. */
export function freshName(names: readonly [string, ...string[]], args: readonly string[]): string {
  const isFree = (name: string): boolean => !args.some((arg) => new RegExp(`\\b${name}\\d*\\b`).test(arg));
  return names.find(isFree) ?? `__${names[0]}`;
}

const POSTFIX = /^\w+(?:\s*(?:->|\.)\s*[A-Za-z_]\w*|\[[^[\]]*\]|\([^()]*\))*$/;

/** As an operand: in parentheses where an operator beside it would take it apart. */
export function operand(expression: string): string {
  return POSTFIX.test(expression) ? expression : `(${expression})`;
}
