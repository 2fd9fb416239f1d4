/** Family: a function that ends without a return. */

import type { Family } from "../family.ts";

export const missingExit: Family = {
  id: "missing-exit",
  title: "Function ends in nothing",
  class: "source",
  by: "verifier",
  said: [/^last insn is not an exit or jmp/, /^unexpected __bpf_trap\(\) due to uninitialized variable\?/],
  meaning: ({ match }) =>
    match[0].startsWith("last")
      ? "The code goes on behind its last instruction. The compiler cuts a function off like this where the C has no defined meaning: a variable that is used before it was set, a division by a constant 0, an endless loop without effect, a missing return."
      : "The compiler put a trap here, because a variable is used on this path before it was set, or something else without defined meaning happens.",
  advice:
    "Build with -Wall -Wuninitialized -Wreturn-type and mend what it says; set every variable at its declaration.",
  rules: ["uninitialised-variable"],
  examples: [
    { text: "last insn is not an exit or jmp", from: "4.18 to 7.2" },
    { text: "unexpected __bpf_trap() due to uninitialized variable?", from: "6.17 to 7.2" },
  ],
};
