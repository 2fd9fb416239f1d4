/** Whether a condition of the source was true, from the jump that was made of it; only where both surely say the same. */

import type { Jump } from "./operation.ts";

/** @param text the line: `if (count > 10)`; undefined where it does not tell, as of two conditions in one line */
export function conditionHeld(text: string, jump: Jump, taken: boolean): boolean | undefined {
  const [, condition] =
    /\b(?:if|while)\s*\((.*)\)\s*(?:\{?|return\b.*|goto\b.*|break;|continue;)$/.exec(withoutComments(text)) ?? [];
  if (condition === undefined || typeof jump.right !== "bigint" || /&&|\|\||[?]/.test(condition)) return undefined;
  const source = comparisonOf(condition);
  if (source === undefined) return undefined;
  const made = normal(jump.operator, jump.right);
  if (made === undefined) return undefined;
  if (same(source, made)) return taken;
  const opposite = normal(OPPOSITE[source.operator] ?? "", source.value);
  return opposite !== undefined && same(opposite, made) ? !taken : undefined;
}

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\/|\/\/.*$/g, "").trim();

interface Comparison {
  readonly operator: string;
  readonly value: bigint;
}

/** `!x`, `x`, `x == NULL`, `f(x) > 10` */
function comparisonOf(condition: string): Comparison | undefined {
  const inner = bare(condition);
  const found = /^(.*?[^<>=!-])(==|!=|<=|>=|<|>)\s*(-?(?:0x[0-9a-fA-F]+|\d+)|NULL)[uUlL]*$/.exec(inner);
  if (found !== null) {
    const [, left = "", operator = "", right = ""] = found;
    if (/[<>]=?|[=!]=/.test(left.replace(/->|<<|>>/g, ""))) return undefined;
    return normal(operator, right === "NULL" ? 0n : toBig(right));
  }
  if (/^!\s*[\w(][^!=<>&|]*$/.test(inner.replace(/->/g, "."))) return { operator: "==", value: 0n };
  return /^[A-Za-z_*][^!=<>&|]*$/.test(inner.replace(/->/g, ".").replace(/&(?=\w)/g, ""))
    ? { operator: "!=", value: 0n }
    : undefined;
}

function bare(condition: string): string {
  return condition.replace(/^\s*(?:un)?likely\((.*)\)\s*$/, "$1").trim();
}

const toBig = (text: string): bigint => (text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text));

const OPPOSITE: Readonly<Record<string, string>> = { "==": "!=", "!=": "==", ">": "<=", "<=": ">" };

/** With `>` and `<=` alone, of which only the first stays: numbers are whole. */
function normal(operator: string, value: bigint): Comparison | undefined {
  switch (operator.replace(/^s/, "")) {
    case "==":
      return { operator: "==", value };
    case "!=":
      return { operator: "!=", value };
    case ">":
      return { operator: ">", value };
    case ">=":
      return { operator: ">", value: value - 1n };
    case "<=":
      return { operator: "<=", value };
    case "<":
      return { operator: "<=", value: value - 1n };
    default:
      return undefined;
  }
}

const same = (a: Comparison, b: Comparison): boolean => a.operator === b.operator && a.value === b.value;
