/** A pointer that must be used as it came, with something added to it. */

import type { Family, Found } from "../family.ts";
import { kindInWords } from "../kinds.ts";
import { calledBy, named } from "../registers.ts";

export const modifiedPointer: Family = {
  id: "modified-pointer",
  title: "Pointer was changed before it is used",
  class: "source",
  by: "verifier",
  rules: ["context-access", "unchecked-null", "wrong-kernel-object"],
  said: [
    /^dereference of modified (\S+) ptr (R\d+) off=(-?\d+) disallowed/,
    /^negative offset (\S+) ptr (R\d+) off=(-?\d+) disallowed/,
    /^variable (\S+) access var_off=(.*) disallowed/,
  ],
  meaning: (found) => {
    const [whole, kind = "", register = "", off = ""] = found.match;
    const what = kindInWords(kind);
    if (whole.startsWith("variable"))
      return `This is ${what} with something added that is known only when the program runs; it may be used only at constant offsets.`;
    if (isArgument(found)) return `${named(found, register)} must be ${what} as it is; here ${off} was added to it.`;
    return `${off} was added to ${what} before it is followed. The verifier wants the pointer as it came, with the offset in the access itself.${lowered(found) ? " In C both are the same: it was the compiler that calculated the address first." : ""}`;
  },
  advice: (found) => {
    const { match } = found;
    if (match[0].startsWith("variable"))
      return "Choose with if or switch among accesses with constant indexes, each written out; an index into an array in the context cannot be computed.";
    if (isArgument(found))
      return "Pass the pointer as it came, and not the address of something in it; copy that to the stack.";
    if (lowered(found))
      return 'The compiler has joined accesses to several fields into one. Keep them apart: read each field in a branch of its own, and in one of these put asm volatile("" : "+r"(x)); behind x = ctx->field;.';
    return "Keep the pointer as it came, and give the offset in each access.";
  },
  classify: (found) => (lowered(found) ? "lowering" : "source"),
  examples: [
    { text: "dereference of modified ctx ptr R1 off=48 disallowed", from: "4.18 to 7.2" },
    { text: "negative offset ctx ptr R1 off=-8 disallowed", from: "5.19 to 7.2" },
    { text: "variable ctx access var_off=(0x0; 0xc) disallowed", from: "4.18 to 7.2" },
    { text: "dereference of modified trusted_ptr_ ptr R1 off=8 disallowed", from: "5.19 to 7.2" },
  ],
};

function isArgument(found: Found): boolean {
  return calledBy(found) !== undefined;
}

/** A constant offset into the context is an access to a field; C has no other way to it than the compiler's. */
function lowered(found: Found): boolean {
  return found.match[0].startsWith("dereference of modified ctx") && !isArgument(found) && found.at !== undefined;
}
