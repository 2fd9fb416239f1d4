/** Whether a number is what the kernel asks for. */

import type { NumberRule } from "./types.ts";

/** Powers of two and pages apart, which are asked for in words of their own. */
export function fits({ exactly, min, max, multipleOf, anyOf }: NumberRule, number: number): boolean {
  if (exactly !== undefined && number !== exactly) return false;
  if (anyOf !== undefined && !anyOf.includes(number)) return false;
  if (min !== undefined && number < min) return false;
  if (max !== undefined && number > max) return false;
  return multipleOf === undefined || number % multipleOf === 0;
}

/** A page has 4 KiB on most processors and at most 64 KiB on any. */
export function allows(rule: NumberRule | undefined, number: number): boolean {
  if (rule === undefined) return true;
  const isPages = rule.powerOfTwoPages !== true || (number % 4096 === 0 && Number.isInteger(Math.log2(number)));
  return isPages && fits(rule, number);
}
