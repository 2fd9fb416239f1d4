/** A string that the verifier must be able to read. */

import type { Family } from "../family.ts";
import { named } from "../registers.ts";

export const constantString: Family = {
  id: "constant-string",
  title: "String must be constant",
  class: "source",
  by: "verifier",
  said: [
    /^(R\d+) does not point to a readonly map/,
    /^(R\d+) is not a constant address/,
    /^(R\d+) points to (?:percpu_array|insn_array) map which cannot be used as const string/,
    /^(R\d+|arg#\d+) doesn't point to a const string/,
    /^string is not zero-terminated/,
    /^direct value access on string failed/,
  ],
  meaning: (found) => {
    if (found.match[1] === undefined)
      return "The string has no zero at its end, or does not lie where the verifier can read it.";
    return `${named(found, registerOf(found.match[1]))} must be a string that the verifier can read when the program is loaded: one in memory that never changes.`;
  },
  advice:
    'Write it as a literal at the call, or as static const char text[] = "…". Without const, or on the stack, it could change.',
  rules: ["writable-string"],
  examples: [
    { text: "R3 does not point to a readonly map'", from: "5.13 to 7.2" },
    { text: "R3 is not a constant address'", from: "5.13 to 7.2" },
    { text: "R2 points to insn_array map which cannot be used as const string", from: "6.19 to 7.2" },
    { text: "arg#1 doesn't point to a const string", from: "6.8 to 7.1" },
    { text: "string is not zero-terminated", from: "5.13 to 7.2" },
    { text: "direct value access on string failed", from: "5.13 to 7.2" },
  ],
};

/** Of kfuncs the arguments are counted from 0. */
function registerOf(said: string): string {
  const nth = /^arg#(\d+)$/.exec(said)?.[1];
  return nth === undefined ? said : `R${Number(nth) + 1}`;
}
